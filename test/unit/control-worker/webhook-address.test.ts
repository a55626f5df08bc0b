import { describe, expect, it } from 'vitest';
import { webhookAddressFault } from '../../../workers/control/webhook-address.ts';

describe('B52: the address of a webhook', () => {
  it.each([
    'https://hooks.example.com/lockstep?team=a',
    'https://hooks.example.com:8443/',
    'https://hooks.example.com./',
    'https://8.8.8.8/',
    'https://[2606:4700:4700::1111]/',
    // A label of a name is no address, and neither is a name that only begins like one of one's own.
    'https://10.0.0.1.example.com/',
    'https://localhost.example.com/',
    'https://xn--bcher-kva.example/',
  ])('may be %s', (url) => {
    expect(webhookAddressFault(url)).toBeUndefined();
  });

  it.each([
    // Loopback, in every spelling.
    ...['https://127.0.0.1/', 'https://127.1/', 'https://2130706433/', 'https://0x7f000001/', 'https://0177.0.0.1/'],
    ...[
      'https://0x7f.0x0.0x0.0x1/',
      'https://017700000001/',
      'https://127.0.0.1./',
      'https://１２７.０.０.１/',
      'https://①②⑦.⓪.⓪.①/',
    ],
    ...['https://[::1]/', 'https://[0:0:0:0:0:0:0:1]/', 'https://[::ffff:127.0.0.1]/', 'https://[::ffff:7f00:1]/'],
    ...['https://[::127.0.0.1]/', 'https://0/', 'https://0.0.0.0/', 'https://[::]/'],
    // Metadata and what is of one link.
    ...[
      'https://169.254.169.254/latest/meta-data/',
      'https://0xa9fea9fe/',
      'https://2852039166/',
      'https://[::ffff:a9fe:a9fe]/',
    ],
    ...['https://[fe80::1]/', 'https://[fd00:ec2::254]/', 'https://100.100.100.200/'],
    // Private, shared, reserved, many at once.
    ...[
      'https://10.0.0.1/',
      'https://172.16.0.1/',
      'https://172.31.255.255/',
      'https://192.168.1.1/',
      'https://100.64.0.1/',
    ],
    ...[
      'https://192.0.0.8/',
      'https://192.0.2.1/',
      'https://198.18.0.1/',
      'https://203.0.113.9/',
      'https://224.0.0.1/',
    ],
    ...[
      'https://240.0.0.1/',
      'https://255.255.255.255/',
      'https://[fc00::1]/',
      'https://[fec0::1]/',
      'https://[ff02::1]/',
    ],
    ...['https://[2001:db8::1]/', 'https://[100::1]/', 'https://[4000::1]/', 'https://[5f00::1]/'],
    // IPv4 within IPv6: NAT64, 6to4, Teredo, translated.
    ...[
      'https://[64:ff9b::a9fe:a9fe]/',
      'https://[64:ff9b:1::a00:1]/',
      'https://[2002:7f00:1::]/',
      'https://[2001:0:7f00:1::]/',
    ],
    'https://[::ffff:0:127.0.0.1]/',
    // Names of one's own network.
    ...['https://localhost/', 'https://LOCALHOST/', 'https://localhost./', 'https://a.localhost/', 'https://intranet/'],
    ...[
      'https://printer.local/',
      'https://metadata.google.internal/',
      'https://vault.internal/',
      'https://1.0.0.127.in-addr.arpa/',
    ],
    ...['https://router.home/', 'https://router.lan./', 'https://db.corp/'],
    // Other schemes, users, passwords, ports of other services.
    ...[
      'http://hooks.example.com/',
      'file:///etc/passwd',
      'ftp://hooks.example.com/',
      'gopher://hooks.example.com/',
      'data:text/plain,x',
    ],
    ...[
      'https://user@hooks.example.com/',
      'https://user:pass@hooks.example.com/',
      'https://hooks.example.com@127.0.0.1/',
    ],
    ...['https://hooks.example.com:22/', 'https://hooks.example.com:80/', 'https://hooks.example.com:1023/'],
    // Whoever reads differently: the host is what a browser would take it for.
    ...[
      'https://127.0.0.1\\@hooks.example.com/',
      'https://127.0.0.1#@hooks.example.com/',
      'https:127.0.0.1/',
      'https:\\\\127.0.0.1/',
    ],
    ...['https://', 'hooks.example.com', '', 'https://[::1', 'https://999.1.1.1/'],
  ])('may not be %s', (url) => {
    expect(webhookAddressFault(url)).toBeTypeOf('string');
  });

  it('is told what is wrong with it', () => {
    expect(webhookAddressFault('http://hooks.example.com/')).toBe('must begin with https:');
    expect(webhookAddressFault('https://10.0.0.1/')).toBe('is an address that is not public');
    expect(webhookAddressFault('https://wiki/')).toBe('must have a whole name for its host');
    expect(webhookAddressFault('https://a.local/')).toBe("is a name of one's own network");
    expect(webhookAddressFault('https://a.example:25/')).toBe('must have port 443, or one from 1024 on');
  });
});

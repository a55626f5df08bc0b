/** Why the platform does not take a bundle. Source of codes and messages: techdocs.akamai.com/edgeworkers/docs/error-codes. */

export type BundleRefusalCode = 'EW1101' | 'EW1103' | 'EW1104' | 'EW1105' | 'EW1106' | 'EW1107' | 'EW1108' | 'EW1201';

const MEANINGS: Readonly<Record<BundleRefusalCode, string>> = {
  EW1101: 'The compressed size of the EdgeWorkers code bundle is invalid.',
  EW1103: 'The GZIP format of the EdgeWorkers code bundle is invalid.',
  EW1104: 'The uncompressed size of the EdgeWorkers code bundle is invalid.',
  EW1105: 'The TAR archive of the EdgeWorkers code bundle is invalid.',
  EW1106: 'The EdgeWorkers code bundle is missing mandatory files.',
  EW1107: 'The EdgeWorkers code bundle contains an invalid manifest file.',
  EW1108: 'The script syntax of the EdgeWorkers code bundle is invalid.',
  EW1201: 'The EdgeWorkers code bundle failed to run.',
};

export class BundleRefusal extends Error {
  override readonly name = 'BundleRefusal';
  readonly code: BundleRefusalCode;

  constructor(code: BundleRefusalCode, detail: string) {
    super(`${code}: ${MEANINGS[code]} ${detail}`);
    this.code = code;
  }
}

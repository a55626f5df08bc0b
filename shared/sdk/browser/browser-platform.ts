/** The page that this runs in. */
import type { PagePlatform } from './page-emitter.ts';

export const browserPlatform: PagePlatform = {
  now: () => Date.now(),
  random: () => Math.random(),
  after(ms, run) {
    const handle = setTimeout(run, ms);
    return () => clearTimeout(handle);
  },
  fetch: (url, init) => fetch(url, init),
  sendBeacon: (url, body) => navigator.sendBeacon(url, body),
  onHidden(run) {
    // Phones end a page that is hidden without another word; desktops say `pagehide`.
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden') run();
    });
    addEventListener('pagehide', run);
  },
};

/** Of the reference page. No script, no font, nothing from elsewhere. */
export const REFERENCE_STYLE = `
:root { color-scheme: light dark; --line: #d5d9e0; --soft: #5b6472; --back: #f5f6f8; --link: #0b57d0; --get: #0a6b3d; --write: #8a4b00; }
@media (prefers-color-scheme: dark) {
  :root { --line: #353b45; --soft: #a3adbb; --back: #1c2027; --link: #8ab4f8; --get: #6fd3a0; --write: #f0b066; }
}
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; background: Canvas; color: CanvasText; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 1rem; background: Canvas; padding: .5rem 1rem; }
header { padding: 2rem 1.25rem 1rem; border-bottom: 1px solid var(--line); }
h1 { margin: 0 0 .5rem; font-size: 1.7rem; }
h2 { margin: 2.5rem 0 .25rem; font-size: 1.3rem; text-transform: capitalize; }
h3 { margin: 0 0 .25rem; font-size: 1.05rem; }
.page { display: grid; grid-template-columns: 17rem minmax(0, 1fr); }
nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow: auto; padding: 1.25rem; border-right: 1px solid var(--line); font-size: .875rem; }
nav ul { list-style: none; margin: 0 0 .75rem; padding: 0; }
nav li a { display: block; padding: .15rem 0; text-decoration: none; overflow-wrap: anywhere; }
nav strong { text-transform: capitalize; }
main { padding: 0 1.25rem 4rem; max-width: 60rem; }
article { border: 1px solid var(--line); border-radius: .5rem; padding: 1rem 1.25rem; margin: 1rem 0; scroll-margin-top: 1rem; }
code, pre { font: .875em/1.5 ui-monospace, monospace; }
pre { background: var(--back); border-radius: .375rem; padding: .75rem 1rem; overflow-x: auto; }
.route { overflow-wrap: anywhere; margin: 0 0 .5rem; }
.method { font-weight: 700; text-transform: uppercase; color: var(--write); }
.method.get { color: var(--get); }
.soft { color: var(--soft); font-size: .9rem; margin: .25rem 0; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; margin: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; }
summary { cursor: pointer; padding: .25rem 0; }
@media (max-width: 52rem) {
  .page { display: block; }
  nav { position: static; max-height: none; border-right: 0; border-bottom: 1px solid var(--line); }
  nav ul { columns: 2; }
}
`;

/** Readable at phone width, in light and in dark. */
export const style = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
section { border-top: 1px solid #8888; margin-top: 2rem; overflow-x: auto; }
h2, h3, h4 { margin: 1rem 0 .5rem; }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; }
pre { padding: .75rem; background: #8882; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
td { border-bottom: 1px solid #8884; padding: .3rem .75rem .3rem 0; vertical-align: top; }
`;

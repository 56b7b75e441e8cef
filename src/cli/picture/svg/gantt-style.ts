import type { CallLane } from '../to-lanes.ts';

type DrawnClass = CallLane['class'];

interface Theme {
  ground: string;
  text: string;
  quiet: string;
  grid: string;
  bad: string;
  odd: string;
  /** Each class, and what is drawn over it. From the palette of Okabe and Ito, whose colours everybody can tell apart. */
  fills: Record<DrawnClass, readonly [fill: string, over: string]>;
}

const light: Theme = {
  ground: '#ffffff',
  text: '#1f2328',
  quiet: '#59636e',
  grid: '#d9dee4',
  bad: '#c5221f',
  odd: '#8a5a00',
  fills: {
    read: ['#0072b2', '#0072b2'],
    write: ['#e69f00', '#8f5f00'],
    destructive: ['#d55e00', '#6e1f00'],
    unknown: ['#8c959f', '#59636e'],
  },
};

const dark: Theme = {
  ground: '#0d1117',
  text: '#e6edf3',
  quiet: '#9aa4af',
  grid: '#2b323b',
  bad: '#ff7b72',
  odd: '#e3b341',
  fills: {
    read: ['#56b4e9', '#56b4e9'],
    write: ['#e69f00', '#6b4700'],
    destructive: ['#e8703a', '#4d1500'],
    unknown: ['#7d8590', '#adb5bd'],
  },
};

/** What tells the classes apart without colour: plain, slanted, crossed, dotted. */
const textures: Record<DrawnClass, string> = {
  read: '',
  write: 'M-1 7 7-1M-1 1 1-1M5 7 7 5',
  destructive: 'M0 0 6 6M6 0 0 6',
  unknown: 'M1 3H2M4 3H5',
};

/** The style sheet: both themes, without variables, which some programs that draw SVG do not know. */
export const ganttStyle = `${themeRules(light)}
.gantt text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.gantt .head{font:600 16px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
.gantt .words{font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
.gantt .strong{font-weight:700}
.gantt .grid,.gantt .wait,.gantt .dep,.gantt .way,.gantt .mark{fill:none}
.gantt .wait{stroke-width:1.5}
.gantt .mark{stroke-width:1.7}
.gantt .way{stroke-width:2}
.gantt .over-destructive{stroke-width:.8}
.gantt .bar.critical{stroke-width:2}
@media screen and (prefers-color-scheme:dark){
${themeRules(dark)}
}`;

function themeRules({ ground, text, quiet, grid, bad, odd, fills }: Theme): string {
  return [
    `.gantt .ground{fill:${ground};stroke:${grid}}`,
    `.gantt text{fill:${text}}`,
    `.gantt .quiet{fill:${quiet}}`,
    `.gantt .grid{stroke:${grid}}`,
    `.gantt .wait,.gantt .dep{stroke:${quiet}}`,
    `.gantt .tip{fill:${quiet}}`,
    `.gantt .way{stroke:${text}}`,
    `.gantt .waytip{fill:${text}}`,
    `.gantt .bar.critical{stroke:${text}}`,
    `.gantt .fold{fill:${quiet}}`,
    `.gantt .mark.bad{stroke:${bad}}.gantt .note.bad{fill:${bad}}`,
    `.gantt .mark.odd{stroke:${odd}}.gantt .note.odd{fill:${odd}}`,
    `.gantt .mark.quiet{stroke:${quiet};fill:none}.gantt .note.quiet{fill:${quiet}}`,
    ...Object.entries(fills).map(
      ([name, [fill, over]]) => `.gantt .on-${name}{fill:${fill}}.gantt .over-${name}{fill:none;stroke:${over}}`,
    ),
  ].join('\n');
}

/** How a bar is filled, as attributes of its element. A plain fill is no pattern: between the tiles of one, seams show. */
export function fillOf(drawn: DrawnClass, className: string): string {
  const plain = textures[drawn] === '';
  return plain ? `class="${className} on-${drawn}"` : `class="${className}" fill="url(#gantt-${drawn})"`;
}

/** The fills that are patterns. */
export function drawPatterns(): string {
  return Object.entries(textures)
    .filter(([, path]) => path !== '')
    .map(
      ([name, path]) =>
        `<pattern id="gantt-${name}" width="6" height="6" patternUnits="userSpaceOnUse">` +
        `<rect class="on-${name}" width="6" height="6"/><path class="over-${name}" d="${path}"/></pattern>`,
    )
    .join('\n');
}

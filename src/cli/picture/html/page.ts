import { escapeMarkup } from '../escape-markup.ts';

/**
 * A whole HTML page around `body`, which is markup already. It stands alone: nothing is loaded and nothing runs, and its policy has a
 * browser hold it to that, whatever got into it.
 */
export function renderPage({ title, body, note }: { title: string; body: readonly string[]; note: string }): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeMarkup(title, 120)}</title>
<style>
${pageStyle}
</style>
</head>
<body>
<main>
${body.filter((part) => part !== '').join('\n')}
</main>
<footer>${escapeMarkup(note, 200)}</footer>
</body>
</html>
`;
}

const pageStyle = `:root{--ground:#fff;--text:#1f2328;--quiet:#59636e;--line:#d9dee4;--panel:#f6f8fa;--bad:#c5221f;--odd:#8a5a00;--good:#1a7f37;--ink:#0072b2}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1200px;padding:24px 16px;background:var(--ground);color:var(--text);font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
h1{font-size:24px;margin:0 0 4px}
h2{font-size:17px;margin:28px 0 8px}
p{margin:4px 0}
code,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:13px}
.quiet,footer{color:var(--quiet)}
footer{margin-top:32px;font-size:13px}
.bad{color:var(--bad)}.odd{color:var(--odd)}.good{color:var(--good)}
.facts{display:flex;flex-wrap:wrap;gap:8px;margin:16px 0;padding:0}
.facts div{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:8px 14px}
.facts dt{font-size:12px;color:var(--quiet)}
.facts dd{margin:0;font-size:18px;font-variant-numeric:tabular-nums}
.note{border-left:3px solid var(--odd);padding:6px 12px;margin:10px 0;background:var(--panel)}
.note.bad{border-color:var(--bad);color:inherit}
.wide{overflow-x:auto}
figure{margin:16px 0}
figure svg{max-width:100%;height:auto}
table{border-collapse:collapse;width:100%;font-size:13px}
th,td{text-align:left;vertical-align:top;padding:4px 10px 4px 0;border-bottom:1px solid var(--line)}
th{color:var(--quiet);font-weight:600;white-space:nowrap}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.words{overflow-wrap:anywhere;min-width:140px}
tr.element td:first-child{padding-left:16px}
.strip{display:block}.strip .all{fill:var(--ink)}.strip .failed{fill:var(--bad)}.strip .half{fill:var(--ink);opacity:.35}
@media screen and (prefers-color-scheme:dark){:root{--ground:#0d1117;--text:#e6edf3;--quiet:#9aa4af;--line:#2b323b;--panel:#161b22;--bad:#ff7b72;--odd:#e3b341;--good:#3fb950;--ink:#56b4e9}}
@media print{body{max-width:none;padding:0;font-size:11px}table{font-size:9px}.wide{overflow:visible}tr,figure,.note,.facts{break-inside:avoid}thead{display:table-header-group}}`;

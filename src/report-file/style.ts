/** The style of the HTML report: light and dark, from a telephone to a wide screen, and on paper. */
export const STYLE = `
:root{color-scheme:light dark;--page:#f6f5f2;--card:#fff;--ink:#1c2128;--soft:#59616d;--line:#dfdcd5;--faint:#efede8;
--code:#f4f2ed;--ok:#17693c;--warn:#855300;--bad:#ab1f17;--new:#2f6bb3;--old:#6e7682;--old-ground:#c9ccd1;--wait:#8a7440}
@media(prefers-color-scheme:dark){:root{--page:#12151a;--card:#1a1e25;--ink:#e6e9ed;--soft:#a3adba;--line:#323944;--faint:#252b34;
--code:#12161c;--ok:#6fcf97;--warn:#e8b45a;--bad:#ff8f85;--new:#6ea8ee;--old:#9aa4b1;--old-ground:#4a525e;--wait:#b79d5e}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;
overflow-wrap:anywhere}
header,main,footer{max-width:68rem;margin:0 auto;padding:0 clamp(1rem,4vw,2.5rem)}
header{padding-top:clamp(1.5rem,5vw,3.5rem)}
h1{font-size:clamp(1.6rem,4.5vw,2.5rem);line-height:1.15;letter-spacing:-.02em;margin:.35rem 0 .75rem;display:flex;gap:.35em;align-items:baseline}
h2{font-size:1.35rem;letter-spacing:-.01em;line-height:1.25;margin:0 0 .75rem}
h3,h4{font-size:1.02rem;line-height:1.35;margin:2rem 0 .6rem}
p{margin:.5rem 0}
.over,footer,.soft{color:var(--soft)}
.over{font-size:.9rem;margin:0}
header .message{font-size:1.1rem;max-width:52rem;margin:0}
.ok{color:var(--ok)}.warn{color:var(--warn)}.bad{color:var(--bad)}
.icon{width:.82em;height:.82em;flex:none;transform:translateY(.06em)}
.icon *{fill:none;stroke:currentColor;stroke-width:2.6;stroke-linecap:round;stroke-linejoin:round}
dl.facts{display:flex;flex-wrap:wrap;gap:1rem 2.5rem;margin:1.5rem 0 0}
dl.facts div{min-width:0}
dt{color:var(--soft);font-size:.82rem}
dd{margin:0;font-weight:600;font-variant-numeric:tabular-nums}
section{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:clamp(1.1rem,3vw,2rem);margin:1.75rem 0}
section>:last-child{margin-bottom:0}
section>h3:first-child,section>h2+h3{margin-top:0}
code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.875em}
pre{background:var(--code);border:1px solid var(--faint);border-radius:8px;padding:.75rem 1rem;margin:.6rem 0;white-space:pre-wrap;line-height:1.5}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.5rem 1rem .5rem 0;border-top:1px solid var(--line)}
thead th{border-top:0;color:var(--soft);font-weight:400;font-size:.82rem;padding-top:0}
tbody th{font-weight:600}
td .icon{width:.9em;height:.9em;margin-right:.4em}
a{color:inherit;text-decoration-color:var(--soft);text-underline-offset:.2em}
del{color:var(--soft);text-decoration-thickness:1px}
ins{text-decoration:none;font-weight:600}
.changes .mono{font-size:.8em}
.changes th[scope=row]{width:13rem}
.failure{border-left:3px solid var(--bad);padding-left:1rem;margin:1.25rem 0}
.failure p:first-child{margin-top:0}
.steps{padding:0;list-style:none;margin:0}
.steps pre{border-color:var(--line)}
.steps .soft{margin:1rem 0 0}
figure{margin:0}
summary{cursor:pointer;color:var(--soft);padding:.6rem 0}
.chart{display:block;width:100%;padding:0 .75rem 0 6.75rem;overflow:visible;font-size:12px}
.marks{position:absolute}
.chart text{fill:var(--ink)}
.chart .axis,.chart .more{fill:var(--soft)}
.chart .more{font-size:10px}
.tick{stroke:var(--line)}
.ground{stroke:var(--faint);stroke-width:2}
rect.new{fill:var(--new)}
rect.before{fill:url(#old);stroke:var(--old);stroke-width:1}
.old-ground{fill:var(--old-ground)}.old-stripe{fill:var(--old)}
.starting{stroke-width:3;stroke-dasharray:3 3}
.starting.new{stroke:var(--new)}.starting.before{stroke:var(--old)}
.mark-failed{fill:none;stroke:var(--bad);stroke-width:3;stroke-linecap:round}
.mark-ended{fill:none;stroke:var(--ink);stroke-width:2}
.mark-complete{fill:none;stroke:var(--ok);stroke-width:3;stroke-linecap:round;stroke-linejoin:round}
.waiting{stroke:var(--wait);stroke-width:6}
.legend{display:flex;flex-wrap:wrap;gap:.3rem 1.4rem;list-style:none;padding:0;margin:1.25rem 0 0;font-size:.85rem;color:var(--soft)}
.legend li{display:flex;align-items:center;gap:.5rem}
.key{flex:none;overflow:visible}
.events{list-style:none;margin:.75rem 0 0;padding:0;font-size:.9rem}
.events li{display:grid;grid-template-columns:6rem 1fr;gap:.2rem 1rem;padding:.25rem 0}
.events time{color:var(--soft);font-variant-numeric:tabular-nums}
footer{font-size:.85rem;padding-bottom:3rem}
@media(max-width:600px){
.chart{padding-left:4.4rem}
.changes thead{display:none}
.changes th[scope=row]{width:auto}
.changes tr{display:block;border-top:1px solid var(--line);padding:.5rem 0}
.changes th,.changes td{display:block;border:0;padding:.1rem 0}
.services th:nth-child(n+4),.services td:nth-child(n+4){display:none}
.events li{grid-template-columns:1fr}
}
@media print{body{background:#fff}section{break-inside:avoid-page}}
`;

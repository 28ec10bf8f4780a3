/** The page's only style sheet. Colours are variables: dark mode, print and the charts use the same names. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f6f6f4; --card: #fff; --text: #1b1f24; --muted: #59626d; --line: #e4e4e0; --line-strong: #b9bdc2;
  --link: #0b57c2; --code: #f0f0ed; --plain: #7b8794; --attack: #c8501c; --defended: #0f7f74;
  --hot: #c62f22; --dot: #5b7da6; --band: rgba(91, 125, 166, .22);
  --pass: #17663a; --pass-bg: #e6f4ea; --review: #835000; --review-bg: #fdf1da; --block: #b0231a; --block-bg: #fdeae8;
  --error: #69409e; --error-bg: #f2ebfa; --skipped: #4a5462; --skipped-bg: #ecedf0; --ink: #fff;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #111417; --card: #191d21; --text: #e7e9ec; --muted: #a3acb8; --line: #2b3137; --line-strong: #4b545e;
    --link: #8cb8ff; --code: #242a30; --plain: #7d8997; --attack: #ee8350; --defended: #35b3a4;
    --hot: #ff7a6b; --dot: #8fb0da; --band: rgba(143, 176, 218, .2);
    --pass: #86d9a6; --pass-bg: #14291d; --review: #f2c46d; --review-bg: #2d2311; --block: #ff9d94; --block-bg: #351816;
    --error: #cbb0f5; --error-bg: #271e36; --skipped: #b4bdc8; --skipped-bg: #22272d; --ink: #111417;
  }
}
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0 auto; padding: 1.25rem 1.5rem 2rem; max-width: 71rem; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
h1, h2, h3, h4, p, ul, dl, dd, figure, pre { margin: 0; }
h3 { font-size: 1.15rem; line-height: 1.3; margin-bottom: .6rem; letter-spacing: -.01em; }
h4 { font-size: 1rem; margin: 1.1rem 0 .45rem; }
h4 span { font-weight: 400; color: var(--muted); }
a { color: var(--link); text-underline-offset: .15em; }
code, pre { font-family: ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "Liberation Mono", monospace; font-size: .9em; }
.note { color: var(--muted); font-size: .9rem; max-width: 46rem; text-wrap: pretty; }
.n { white-space: nowrap; }
.none { color: var(--muted); }
.unseen, .skip:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip:focus { position: absolute; left: 1rem; top: .5rem; background: var(--card); padding: .4rem .8rem; z-index: 2; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }

.top { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1.5rem; margin-bottom: .9rem; color: var(--muted); font-size: .9rem; }
.top h1 { font-size: inherit; font-weight: 600; color: var(--text); }
footer { margin-top: 2rem; color: var(--muted); font-size: .85rem; }

.report { display: grid; gap: 1rem; }
.report + .report, #overview + .report { margin-top: 3rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.1rem 1.25rem 1.25rem; min-width: 0; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem; }
.stack { display: grid; gap: 1rem; align-content: start; min-width: 0; }
section ul { padding-left: 1.15rem; }
section li + li { margin-top: .35rem; }
section li::marker { color: var(--muted); }

.pass { --tone: var(--pass); --tone-bg: var(--pass-bg); }
.review { --tone: var(--review); --tone-bg: var(--review-bg); }
.block { --tone: var(--block); --tone-bg: var(--block-bg); }
.error { --tone: var(--error); --tone-bg: var(--error-bg); }
.skipped { --tone: var(--skipped); --tone-bg: var(--skipped-bg); }
.icon { fill: var(--tone); stroke: var(--tone); stroke-width: 0; flex: none; }
.icon .ink { fill: none; stroke: var(--ink); stroke-width: 5; stroke-linecap: round; stroke-linejoin: round; }
.verdict {
  display: flex; align-items: center; gap: 1.1rem; padding: 1.2rem 1.35rem; border-radius: 10px;
  background: var(--tone-bg); color: var(--text); border: 1px solid color-mix(in srgb, var(--tone) 35%, transparent);
}
.verdict .icon { width: 3.6rem; height: 3.6rem; }
.verdict .say { flex: 1 1 20rem; min-width: 0; }
.verdict h2 { font-size: 2.1rem; line-height: 1.1; letter-spacing: -.025em; color: var(--tone); }
.verdict h2 .file { display: block; margin-top: .3rem; font-size: .95rem; font-weight: 400; letter-spacing: 0; color: var(--text); line-height: 1.4; }
.verdict .say p { margin-top: .15rem; font-weight: 600; }
.target { flex: 0 1 auto; max-width: 18rem; padding-left: 1.1rem; border-left: 1px solid color-mix(in srgb, var(--tone) 35%, transparent); line-height: 1.3; }
.target span { display: block; font-size: .85rem; color: var(--muted); }
.target strong { font-size: 1.3rem; letter-spacing: -.01em; }
.target em { display: block; font-style: normal; }

.tiles { display: flex; flex-wrap: wrap; gap: 1px; background: var(--line); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
.tiles > div { flex: 1 1 11rem; background: var(--card); padding: .75rem 1rem .85rem; }
.tiles dt { font-size: .85rem; color: var(--muted); }
.tiles b { display: block; font-size: 1.35rem; line-height: 1.35; letter-spacing: -.015em; }
.tiles b i { font-style: normal; color: var(--muted); }
.tiles dd span { display: block; font-size: .85rem; line-height: 1.4; color: var(--muted); }

.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); gap: .75rem; margin-top: .8rem; }
.card { border: 1px solid var(--line); border-radius: 8px; padding: .85rem 1rem; min-width: 0; }
.demo { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .5rem 1rem; align-content: start; }
.demo > div:first-child:not(.shots), .demo > div:first-child:not(.shots) + .gauges { grid-column: 1 / -1; }
.shots { grid-row: 1 / 3; }
.gauges { grid-column: 2; align-self: end; }
.demo h4 { margin: 0; line-height: 1.35; }
.demo h4 span { display: block; }
.demo .note { margin: .15rem 0 0; line-height: 1.4; }
.control { color: var(--muted); font-size: .9rem; }
.shots { display: grid; gap: .4rem; }
img { display: block; max-width: 100%; height: auto; image-rendering: pixelated; border-radius: 4px; background: var(--code); }
.demo.broad > * { grid-column: 1 / -1; grid-row: auto; }
.gallery { display: flex; flex-wrap: wrap; gap: 1rem 1.5rem; margin-top: .8rem; }
.gallery figure { min-width: 0; max-width: 100%; }
.gallery figure > div { display: flex; flex-wrap: wrap; gap: .4rem; }
.gallery figcaption { margin-top: .35rem; max-width: 34rem; color: var(--muted); font-size: .85rem; line-height: 1.4; }

.gauge { display: flex; align-items: center; gap: .6rem; }
.gauge > span:first-child:not([class]) { flex: 0 0 4.8rem; font-size: .95rem; }
.gauge > .n { flex: 0 0 4.1rem; text-align: right; }
.gauge > .control { flex-basis: 3.6rem; }
.gauge b { font-weight: 600; }
.bar { position: relative; flex: 1 1 4rem; min-width: 3rem; height: .7rem; border-radius: 3px; background: var(--line); }
.bar i { position: absolute; inset: 0 auto 0 0; min-width: 2px; border-radius: 3px; background: var(--plain); }
.bar.attack i { background: var(--attack); }
.bar.defended i { background: var(--defended); }
.bar b { position: absolute; top: -3px; bottom: -3px; width: 2px; margin-left: -1px; background: var(--text); }
.strip { position: relative; flex: 1 1 6rem; min-width: 5rem; height: 1.1rem; }
.strip::before { content: ""; position: absolute; left: 0; right: 0; top: 50%; height: 1px; background: var(--line-strong); }
.strip i { position: absolute; top: 15%; bottom: 15%; border-radius: 3px; background: var(--band); }
.strip u { position: absolute; top: 15%; bottom: 15%; width: 1px; background: var(--muted); }
.strip b { position: absolute; top: 50%; width: .62rem; height: .62rem; margin: -.31rem; border-radius: 50%; background: var(--dot); }
.strip.hot b { background: var(--hot); border-radius: 1px; transform: rotate(45deg); }

table { width: 100%; border-collapse: collapse; margin-top: .6rem; font-size: .95rem; }
th, td { padding: .5rem .9rem .5rem 0; text-align: left; vertical-align: top; border-top: 1px solid var(--line); font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
thead th { border: 0; padding-bottom: .3rem; font-size: .85rem; color: var(--muted); white-space: nowrap; }
.num { text-align: right; white-space: nowrap; }
.wide { width: 34%; min-width: 9rem; }
.wide.for-prose { width: 46%; }
.signal { display: block; }
tbody .note { display: block; max-width: 30rem; line-height: 1.4; }
.tag { display: inline-block; padding: 0 .45em; border-radius: 4px; background: var(--block-bg); color: var(--block); font-size: .8rem; font-weight: 600; white-space: nowrap; }
.severity { color: var(--muted); }
.severity.critical, .severity.high { color: var(--block); }
.severity.medium { color: var(--review); }
.badge { display: inline-flex; align-items: center; gap: .4rem; color: var(--tone); font-weight: 600; white-space: nowrap; }
.badge .icon { width: 1.1rem; height: 1.1rem; }
.tally { display: flex; flex-wrap: wrap; gap: .5rem; padding: 0 !important; list-style: none; }
.tally li { display: flex; align-items: center; gap: .45rem; margin: 0 !important; padding: .35rem .8rem; border-radius: 999px; background: var(--tone-bg); color: var(--tone); font-weight: 600; }
.tally .icon { width: 1.2rem; height: 1.2rem; }

.swatch { display: inline-block; width: 1.6em; height: .8em; border-radius: 3px; background: var(--band); }
.swatch.rhomb { width: .6em; height: .6em; margin: 0 .25em; border-radius: 1px; background: var(--hot); transform: rotate(45deg); }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: 1rem 1.5rem; margin-top: .7rem; }
.plot { min-width: 0; }
.plot figcaption { font-weight: 600; }
.plot svg { display: block; width: 100%; max-width: 27rem; height: auto; }

details { margin-top: .35rem; }
summary { cursor: pointer; color: var(--link); font-size: .9rem; width: fit-content; }
dl.inline { display: flex; flex-wrap: wrap; gap: .1rem 1rem; margin-top: .25rem; font-size: .85rem; }
dl.inline div { display: flex; flex-wrap: wrap; gap: .35rem; }
dl.inline dt, .facts dt { color: var(--muted); }
.facts > div { display: grid; grid-template-columns: 7.5rem minmax(0, 1fr); gap: .75rem; padding: .28rem 0; border-top: 1px solid var(--line); font-size: .95rem; }
.facts > div:first-child { border: 0; }
.costs { list-style: none; padding: 0 !important; margin-top: .6rem; }
.costs li { display: flex; align-items: center; gap: .6rem; margin-top: .3rem !important; font-size: .95rem; }
.costs span:first-child { flex: 0 0 11.5rem; min-width: 0; }
.costs .n { flex: 0 0 4.8rem; text-align: right; }
pre { padding: .75rem .9rem; border-radius: 8px; background: var(--code); white-space: pre-wrap; margin-top: .5rem; line-height: 1.5; }
.lines span { display: block; }
.word { display: inline-block; max-width: 100%; }

@media screen and (max-width: 40rem) {
  body { padding: .9rem .8rem 1.5rem; }
  section { padding: 1rem; }
  .verdict { flex-wrap: wrap; align-items: flex-start; gap: .9rem; padding: 1rem; }
  .verdict .icon { width: 2.8rem; height: 2.8rem; }
  .verdict .say { flex-basis: 10rem; }
  .verdict h2 { font-size: 1.8rem; }
  .target { flex-basis: 100%; max-width: none; padding: .7rem 0 0; border-left: 0; border-top: 1px solid color-mix(in srgb, var(--tone) 35%, transparent); }
  .target span, .target em { display: inline; }
  .target strong { font-size: 1.05rem; }
  .target em::before { content: "· "; }
  .tiles > div { flex-basis: 9.5rem; padding: .6rem .8rem .7rem; }
  .tiles b { font-size: 1.2rem; }
  .shots { grid-row: auto; }
  .gauges { grid-column: 1 / -1; }
  table, thead, tbody, th { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; padding: .7rem 0; border-top: 1px solid var(--line); }
  tbody tr:first-child { border-top: 0; padding-top: .2rem; }
  tbody th, td { padding: 0; border: 0; text-align: left; white-space: normal; }
  tbody th, td.wide { flex: 1 0 100%; width: auto; min-width: 0; font-weight: 600; }
  tbody th .note, tbody th details, td.wide { font-weight: 400; }
  td { display: flex; gap: .45rem; min-width: 0; }
  td > div { min-width: 0; }
  td.wide > div { flex: 1; }
  td::before { content: attr(data-label); flex: none; color: var(--muted); font-size: .95em; }
  td.wide::before, td:has(> div > .none:only-child) { display: none; }
  .facts > div { grid-template-columns: 7.2rem minmax(0, 1fr); }
  .costs span:first-child { flex-basis: 10.5rem; }
}

@media print {
  :root { --page: #fff; }
  @page { margin: 14mm; }
  html { font-size: 12.5px; }
  body { max-width: none; padding: 0; font-size: 1rem; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .skip { display: none; }
  section, .report + .report { break-inside: auto; }
  .verdict, .tiles, .card, .plot, .gallery figure, tr, li, pre { break-inside: avoid; }
  h3, h4, section > .note, thead { break-after: avoid; }
  .report + .report { break-before: page; }
  details::details-content { content-visibility: visible; block-size: auto; }
  a { color: inherit; }
}
`

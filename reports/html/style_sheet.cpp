#include "reports/html/assets.hpp"

namespace blackout::html {

const std::string_view style_sheet = R"css(
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --faint: #4b5563; --rule: #d5dae1;
  --shade: #f3f5f8; --leader: #0072b2; --fault: #d55e00; --held: #007f5c; --candidate: #a3477f;
  --down: #6b7280; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171c; --ink: #e8ebf0; --faint: #b3bbc7;
  --rule: #363d48; --shade: #1d2229; --leader: #56b4e9; --fault: #e69f00; --held: #009e73;
  --candidate: #cc79a7; --down: #9aa3af; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 0 20px 60px; max-width: 1240px; background: var(--paper);
  color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif;
  font-variant-numeric: tabular-nums; }
h1 { font-size: 26px; line-height: 1.25; margin: 18px 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 19px; margin: 40px 0 8px; padding-top: 8px; border-top: 1px solid var(--rule); }
h3 { font-size: 15px; margin: 22px 0 4px; }
p { margin: 6px 0; max-width: 90ch; overflow-wrap: anywhere; }
a { color: inherit; }
:focus-visible { outline: 2px solid var(--leader); outline-offset: 1px; }
code, pre, kbd { font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, monospace; }
code { overflow-wrap: anywhere; }
pre { overflow: auto; max-height: 420px; padding: 10px; background: var(--shade); }
kbd { border: 1px solid var(--rule); border-radius: 3px; padding: 0 4px; }
.skip { position: absolute; left: -9999px; }
.skip:focus { left: 8px; top: 8px; background: var(--paper); padding: 4px 8px; }
nav { padding: 12px 0 0; color: var(--faint); font-size: 13px; }
nav a { margin-right: 14px; }
.faint { color: var(--faint); }
.word-bad { color: var(--fault); }
.word-good { color: var(--held); }
.word-doubtful { color: var(--candidate); }
.lead { font-size: 18px; }
.facts { color: var(--faint); font-size: 13px; }
.facts span { margin-right: 16px; white-space: nowrap; }
table { border-collapse: collapse; font-size: 14px; }
th, td { text-align: left; vertical-align: top; padding: 3px 14px 3px 0;
  border-bottom: 1px solid var(--rule); }
th { font-weight: 600; color: var(--faint); }
td.n, th.n { text-align: right; white-space: nowrap; }
td.t { white-space: nowrap; }
.wide { overflow-x: auto; max-width: 100%; }
.objectives td:last-child, .faults td:last-child { min-width: 26ch; }
.finding td:nth-child(3) { min-width: 24ch; }
.faults td:nth-child(5) { min-width: 12ch; }
.rows th:nth-child(-n+2), .finding th:first-child { text-align: right; }
.objectives td:first-child { font-weight: 700; }
tr.bad td { font-weight: 600; }
tr.bad td:first-child { color: var(--fault); }
tr.good td:first-child { color: var(--held); }
tr.doubtful td:first-child { color: var(--candidate); }
.bar { width: 110px; height: 12px; display: block; margin-top: 5px; }
.bar .fill { fill: var(--held); } .bar .over { fill: var(--fault); }
.bar .room { fill: var(--rule); } .bar .promise { fill: var(--ink); }
.command { background: var(--shade); padding: 8px 10px; margin: 12px 0; }
button { font: inherit; font-size: 13px; color: inherit; background: var(--shade);
  border: 1px solid var(--rule); border-radius: 4px; padding: 2px 10px; margin: 2px 4px 2px 0; }
.chart { display: block; width: 100%; min-width: 900px; height: auto; }
.chart text { font-size: 11.5px; fill: var(--ink); }
.chart .plot { overflow: hidden; }
.chart .region { font-weight: 600; }
.chart .value, .chart .tick, .chart .faint { fill: var(--faint); }
.chart .word, .chart .letter, .chart .faint { paint-order: stroke; stroke: var(--paper);
  stroke-width: 4px; stroke-linejoin: round; }
.chart .letter { font-weight: 700; }
.chart .on { fill: var(--paper); font-weight: 600; }
.plot path { fill: none; vector-effect: non-scaling-stroke; }
.grid { stroke: var(--rule); stroke-width: 1; }
.follower { stroke: var(--held); stroke-width: 1.5; }
.leader { fill: var(--leader); }
.candidate { fill: url(#stripes); }
.down { fill: url(#crosses); }
.paused { fill: url(#dots); }
.fault { fill: url(#hatch); stroke: var(--fault); vector-effect: non-scaling-stroke; }
.band { fill: var(--fault); fill-opacity: .16; }
.phase { fill: var(--shade); } .phase.chaos { fill: var(--rule); }
.ok { fill: var(--leader); fill-opacity: .75; }
.unknown { fill: url(#stripes); }
.failed { fill: var(--fault); }
.measure { fill: var(--fault); } .measure.rto { fill: var(--candidate); }
.limit { stroke: var(--fault); stroke-width: 1.5; stroke-dasharray: 8 3; }
.curve { stroke: var(--leader); stroke-width: 1.6; stroke-linejoin: round; stroke-linecap: round; }
.curve.p99 { stroke-dasharray: 5 3; stroke: var(--candidate); }
.curve.max { stroke-dasharray: 1.5 3; stroke: var(--down); }
.cursor { stroke: var(--ink); stroke-width: 1.5; }
.step { fill: var(--down); } .step.detect { fill: var(--fault); }
.step.decide { fill: var(--candidate); } .step.promote { fill: var(--leader); }
.step.warm { fill: var(--held); }
.legend { font-size: 13px; color: var(--faint); margin: 2px 0 6px; display: flex; flex-wrap: wrap;
  gap: 2px 16px; }
.legend svg { width: 26px; height: 12px; vertical-align: -1px; margin-right: 4px; }
.finding { border-left: 4px solid var(--fault); padding-left: 14px; margin: 18px 0; }
.finding h3 { margin-top: 0; }
.causality { margin: 16px 0; } figcaption { font-weight: 600; }
.graph { display: block; margin: 4px 0; width: var(--drawn); max-width: 100%; height: auto; }
.graph text { font-size: 11.5px; fill: var(--ink); } .graph .value { fill: var(--faint); }
.graph .head, .graph .told text { font-weight: 700; }
.graph a { text-decoration: none; } .graph a:focus-visible { outline-offset: -1px; }
.box { fill: var(--shade); stroke: var(--down); } .box.hit { fill: none; stroke: var(--fault);
  stroke-width: 2.5; stroke-dasharray: 6 3; }
.box.root { stroke: var(--fault); stroke-width: 2.5; }
.box.conclusion { fill: var(--paper); stroke: var(--fault); stroke-width: 4; }
.place-0 { fill: var(--leader); } .place-1 { fill: var(--held); }
.place-2 { fill: var(--candidate); } .place-3 { fill: var(--down); } .place-4 { fill: var(--ink); }
.place-5 { fill: url(#stripes); }
.edge { fill: none; stroke: var(--down); stroke-width: 1.2; } .tip { fill: var(--down); }
.edge.message { stroke: var(--ink); stroke-width: 2; } .tip.message { fill: var(--ink); }
.edge.order { stroke-dasharray: 1.5 3.5; }
.edge.cause { stroke: var(--fault); stroke-dasharray: 6 3; } .tip.cause { fill: var(--fault); }
.edge.end { stroke: var(--fault); stroke-width: 3; } .tip.end { fill: var(--fault); }
.causes li { overflow-wrap: anywhere; }
details { margin: 8px 0; } summary { cursor: pointer; }
.rows { max-height: 520px; overflow: auto; border: 1px solid var(--rule); margin-top: 6px; }
.rows table { width: 100%; } .rows th, .rows td { padding-left: 8px; }
.rows thead th { position: sticky; top: 0; background: var(--paper); }
.rows tr { content-visibility: auto; }
tr.here td, tr:target td { background: var(--shade); box-shadow: inset 0 0 0 99px var(--shade); }
tr.here td:first-child, tr:target td:first-child { border-left: 4px solid var(--leader); }
input { font: inherit; font-size: 14px; width: min(460px, 100%); padding: 4px 8px;
  color: inherit; background: var(--paper); border: 1px solid var(--faint); border-radius: 4px; }
dl.run { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; }
dl.run dt { color: var(--faint); } dl.run dd { margin: 0; overflow-wrap: anywhere; }
dialog { color: var(--ink); background: var(--paper); border: 1px solid var(--faint); }
@media (max-width: 1000px) { .graph { max-width: none; } }
@media (max-width: 640px) {
  body { padding: 0 12px 40px; font-size: 14px; }
  h1 { font-size: 21px; } .lead { font-size: 16px; }
  dl.run { grid-template-columns: 1fr; } dl.run dd { margin-bottom: 6px; }
  th, td { padding-right: 9px; }
  .objectives :is(td, th):nth-child(6) { display: none; }
}
@media print {
  :root { color-scheme: light; --paper: #fff; --ink: #000; --faint: #333; --rule: #bbb;
    --shade: #f3f5f8; --leader: #0072b2; --fault: #d55e00; --held: #007f5c;
    --candidate: #a3477f; --down: #6b7280; }
  @page { size: A4 landscape; margin: 12mm; }
  @page graph { size: A4 portrait; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { max-width: none; padding: 0; font-size: 11px; }
  table, .legend, .facts, code, pre { font-size: 10px; } h2 { margin-top: 20px; }
  nav, .controls, .skip, dialog, tr.minor { display: none; }
  .wide, .rows, pre { overflow: visible; max-height: none; }
  .rows thead th { position: static; }
  .causality { page: graph; } .graph { max-width: 100%; max-height: 225mm; }
  .chart { min-width: 0; } svg.chart, .graph, tr, .finding { break-inside: avoid; }
  pre { white-space: pre-wrap; }
}
)css";

}  // namespace blackout::html

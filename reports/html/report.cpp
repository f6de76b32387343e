#include "reports/html/report.hpp"

#include <fmt/format.h>

#include "reports/html/assets.hpp"
#include "reports/html/escape.hpp"
#include "reports/html/panels.hpp"
#include "reports/html/timeline.hpp"
#include "reports/text/postmortem.hpp"
#include "reports/text/style.hpp"
#include "reports/text/verdict_text.hpp"

namespace blackout::html {
namespace {

constexpr std::size_t moments_max = 1000;

// Patterns, so that no colour is the only sign.
constexpr std::string_view patterns = R"svg(<svg width="0" height="0" aria-hidden="true"
style="position:absolute"><defs>
<pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse"
patternTransform="rotate(45)"><rect width="7" height="7" fill="var(--fault)" fill-opacity=".12"/>
<rect width="2" height="7" fill="var(--fault)" fill-opacity=".55"/></pattern>
<pattern id="stripes" width="5" height="5" patternUnits="userSpaceOnUse">
<rect width="5" height="5" fill="var(--paper)"/>
<rect width="3" height="5" fill="var(--candidate)"/></pattern>
<pattern id="crosses" width="8" height="8" patternUnits="userSpaceOnUse">
<rect width="8" height="8" fill="var(--shade)"/>
<path d="M1 1L7 7M7 1L1 7" stroke="var(--down)" stroke-width="1.3" fill="none"/></pattern>
<pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">
<rect width="6" height="6" fill="var(--shade)"/>
<circle cx="3" cy="3" r="1.5" fill="var(--down)"/></pattern>
</defs></svg>
)svg";

std::string key(std::string_view shape, std::string_view words) {
  return fmt::format("<span><svg viewBox=\"0 0 26 12\" aria-hidden=\"true\">{}</svg>{}</span>",
                     shape, words);
}

std::string block_key(std::string_view kind, std::string_view words) {
  return key(fmt::format("<rect class=\"{}\" width=\"26\" height=\"12\"/>", kind), words);
}

std::string line_key(std::string_view kind, std::string_view words) {
  return key(fmt::format("<path class=\"{}\" fill=\"none\" d=\"M0 6H26\"/>", kind), words);
}

std::string timeline_panel(const record::RunRecord& run, const Axis& axis,
                           const text::Lanes& lanes) {
  std::string text = "<section id=\"timeline\"><h2>Failover timeline</h2>\n";
  text +=
      "<p class=\"controls\" hidden><button id=\"in\">zoom in</button><button id=\"out\">zoom "
      "out</button><button id=\"fit\">whole run</button><button id=\"help\">keys</button> <span "
      "id=\"zoom\" class=\"faint\"></span> <span id=\"moment\" aria-live=\"polite\"></span></p>\n";
  text += "<p class=\"legend\">" + block_key("leader", "leader") +
          line_key("follower", "follower") + block_key("candidate", "candidate") +
          block_key("down", "down") + block_key("paused", "paused") + block_key("fault", "fault") +
          block_key("band", "hit by a fault") + "</p>\n";
  text += "<div class=\"zooms\">" + timeline_chart(run, axis, lanes) + "</div>\n";
  const std::string recovery = recovery_chart(run);
  if (!recovery.empty()) {
    text += "<h3>Where the recovery time went</h3>\n" + recovery + "<p class=\"faint\">" +
            escaped(text::phases_text(run.verdict.rto_phases.front())) + "</p>\n";
  }
  return text + faults_table(run) + "</section>\n";
}

std::string numbers(const std::vector<Quantiles>& quantiles, const Buckets& buckets) {
  std::string text =
      "<details><summary>The numbers</summary><div class=\"wide\"><table><thead><tr>"
      "<th scope=\"col\" class=\"n\">from</th><th scope=\"col\" class=\"n\">count</th>"
      "<th scope=\"col\" class=\"n\">p50</th><th scope=\"col\" class=\"n\">p99</th>"
      "<th scope=\"col\" class=\"n\">max</th></tr></thead><tbody>\n";
  for (std::size_t i = 0; i < quantiles.size(); ++i) {
    const Quantiles& bucket = quantiles[i];
    if (bucket.count == 0) continue;
    text += fmt::format(
        "<tr><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
        "<td class=\"n\">{}</td><td class=\"n\">{}</td></tr>\n",
        text::story_time(buckets.start(i)), text::grouped(bucket.count),
        format_duration(bucket.p50), format_duration(bucket.p99), format_duration(bucket.max));
  }
  return text + "</tbody></table></div></details>\n";
}

std::string clients_panel(const record::RunRecord& run, const Axis& axis,
                          const text::Lanes& lanes) {
  const Buckets buckets(axis.end());
  const std::string each = format_duration(buckets.length());
  const std::string curves = "<p class=\"legend\">" + line_key("curve p50", "p50") +
                             line_key("curve p99", "p99") + line_key("curve max", "max") +
                             line_key("limit", "promised") + "</p>\n";
  std::string text = "<section id=\"clients\"><h2>What clients got</h2>\n<div class=\"zooms\">\n";
  text += "<p class=\"legend\"><span>operations in buckets of " + each + "</span>" +
          block_key("ok", "ok") + block_key("unknown", "unknown") + block_key("failed", "failed") +
          block_key("down", "clients down") + "</p>\n";
  text += strips_chart(run, axis, lanes, strips_of(run, buckets), buckets);
  const auto latency = write_latency(run, buckets);
  text += "<h3>Write latency</h3>\n" + curves +
          quantiles_chart(run, axis, latency, buckets, latency_limits(run.plan), "Write latency") +
          numbers(latency, buckets);
  const auto lag = apply_lag(run, buckets);
  text += "<h3>Replication lag: from an entry's commit until a voter applied it</h3>\n" + curves +
          quantiles_chart(run, axis, lag, buckets, lag_limits(run.plan), "Replication lag") +
          numbers(lag, buckets);
  return text + "</div></section>\n";
}

constexpr std::string_view keys = R"html(<dialog id="keys"><h3>Keys</h3><table><tbody>
<tr><td><kbd>→</kbd> <kbd>←</kbd></td><td>next and previous event</td></tr>
<tr><td><kbd>n</kbd> <kbd>p</kbd></td><td>next and previous fault</td></tr>
<tr><td><kbd>v</kbd></td><td>the first finding</td></tr>
<tr><td><kbd>+</kbd> <kbd>-</kbd> <kbd>0</kbd></td><td>zoom in, zoom out, whole run</td></tr>
<tr><td><kbd>Shift</kbd> <kbd>→</kbd> <kbd>←</kbd></td><td>move along the run</td></tr>
<tr><td><kbd>/</kbd></td><td>filter: node: region: kind: t:20..25 or words</td></tr>
<tr><td><kbd>?</kbd></td><td>this text</td></tr>
</tbody></table><form method="dialog"><button>close</button></form></dialog>
)html";

}  // namespace

std::string report(const record::RunRecord& run, const std::string& directory) {
  const Axis axis = axis_of(run);
  const text::Lanes lanes = text::lanes_of(run, axis.end());
  const text::Chronicle chronicle = text::chronicle_of(run, moments_max);
  std::string page = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{} {} {}</title>\n<style>{}</style></head>\n<body>\n",
      text::word_of(text::conclude(run)), escaped(run.plan.scenario),
      text::seed_text(run.plan.seed), style_sheet);
  page += patterns;
  page +=
      "<a class=\"skip\" href=\"#why\">Skip to why</a>\n<nav aria-label=\"Panels\">"
      "<a href=\"#verdict\">Verdict</a><a href=\"#timeline\">Timeline</a>"
      "<a href=\"#clients\">Clients</a><a href=\"#why\">Why</a>"
      "<a href=\"#events-head\">Events</a><a href=\"#run\">Run</a></nav>\n<main>\n";
  page += verdict_panel(run, directory);
  page += timeline_panel(run, axis, lanes);
  page += clients_panel(run, axis, lanes);
  page += why_panel(run, chronicle);
  page += events_panel(run, chronicle, axis.end());
  page += run_panel(run, directory);
  page += "</main>\n";
  page += keys;
  page += "<script type=\"application/json\" id=\"postmortem\">" +
          script_string(text::postmortem(run, directory)) + "</script>\n";
  page += fmt::format("<script>{}</script>\n</body></html>\n", script);
  return page;
}

}  // namespace blackout::html

#include "harness/cli/campaign_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "reports/html/escape.hpp"
#include "reports/text/postmortem.hpp"

namespace blackout::cli {
namespace {

// GitHub takes no summary of more than 1 MiB.
constexpr std::size_t told_max = 100;

std::string runs_text(std::uint64_t runs) {
  return fmt::format("{} run{}", text::grouped(runs), runs == 1 ? "" : "s");
}

std::string tenths(std::uint64_t n) { return fmt::format("{}.{}", n / 10, n % 10); }

std::string heading(const Ended& ended) {
  const std::size_t found = ended.found.size();
  return found == 0 ? "NOTHING FOUND"
                    : fmt::format("FOUND  {} problem{}", found, found == 1 ? "" : "s");
}

std::string extent(const Ended& ended) {
  return fmt::format(" in {} ({} simulated in {}){}", runs_text(ended.campaign.runs()),
                     format_duration(ended.campaign.simulated()), format_duration(ended.wall),
                     ended.cut_short ? ", interrupted" : "");
}

struct Fact {
  std::string name, words;
};

// How far the search came.
std::vector<Fact> facts_of(const Ended& ended) {
  const explore::Campaign& campaign = ended.campaign;
  const std::uint64_t runs = std::max<std::uint64_t>(campaign.runs(), 1);
  const bool differs = std::any_of(ended.found.begin(), ended.found.end(), [](const Found& found) {
    return found.cluster.shape.finding == replay_differs;
  });
  std::vector<Fact> facts = {
      {"per run", fmt::format("{} faults, {} leader changes", tenths(campaign.faults() * 10 / runs),
                              tenths(campaign.leader_changes() * 10 / runs))},
      {"reached", fmt::format("{} abstract states, {} of them new in the last 1,000 runs; {} marks",
                              text::grouped(campaign.states()),
                              text::grouped(campaign.new_states()), campaign.marks().size())},
      {"replays", fmt::format("{}, {}", text::grouped(campaign.replays()),
                              differs ? "not all equal" : "all equal")}};
  if (campaign.undecided() > 0) {
    facts.push_back({"undecided", text::grouped(campaign.undecided())});
  }
  return facts;
}

// Three over n (Hanley and Lippman-Hand, JAMA 1983); empty where something was found.
std::string confidence_of(const Ended& ended) {
  if (!ended.found.empty() || ended.campaign.runs() == 0) return {};
  return fmt::format("with 95 % confidence fewer than one finding in {} runs",
                     text::grouped(std::max<std::uint64_t>(ended.campaign.runs() / 3, 1)));
}

std::string told(const Found& found) {
  const explore::Cluster& cluster = found.cluster;
  const explore::Shape& shape = cluster.shape;
  std::string where =
      fmt::format("{}, first seed `{}`", runs_text(cluster.runs), text::seed_text(cluster.seed));
  if (!shape.role.empty()) where += ", by a " + shape.role;
  if (!shape.kinds.empty()) where += fmt::format(", under {}", fmt::join(shape.kinds, ", "));
  return fmt::format("\n### {}\n\n{}\n\n{}\n\n```sh\nblackout replay {}\nblackout shrink {}\n```\n",
                     text::markdown(shape.finding), text::markdown(cluster.sentence), where,
                     found.directory, found.directory);
}

}  // namespace

std::string result_text(const Ended& ended, const text::Style& style) {
  const std::string words = heading(ended);
  const bool good = ended.found.empty();
  const std::size_t first = good ? words.size() : words.find(' ');
  std::string text =
      text::inked(words.substr(0, first), good ? text::Ink::good : text::Ink::bad, style) +
      words.substr(first) + extent(ended) + "\n";
  for (const auto& [cluster, directory] : ended.found) {
    text += fmt::format("\n  {}   {}   first {}\n    {}\n    shrink   blackout shrink {}\n",
                        cluster.shape.text(), runs_text(cluster.runs),
                        text::seed_text(cluster.seed), cluster.sentence, directory);
  }
  text += "\n";
  for (const Fact& fact : facts_of(ended)) text += fmt::format("  {}  {}\n", fact.name, fact.words);
  const std::string confidence = confidence_of(ended);
  if (!confidence.empty()) text += "  " + confidence + "\n";
  return text::spelled(text, style);
}

record::Json campaign_document(const Ended& ended) {
  const explore::Campaign& campaign = ended.campaign;
  record::Json json;
  json["version"] = "campaign.v1";
  json["runs"] = campaign.runs();
  json["undecided"] = campaign.undecided();
  json["replays"] = campaign.replays();
  json["states"] = campaign.states();
  json["marks"] = campaign.marks();
  json["found"] = record::Json::array();
  for (const auto& [cluster, directory] : ended.found) {
    json["found"].push_back({{"finding", cluster.shape.finding},
                             {"role", cluster.shape.role},
                             {"faults", cluster.shape.kinds},
                             {"runs", cluster.runs},
                             {"seed", text::seed_text(cluster.seed)},
                             {"sentence", cluster.sentence},
                             {"record", directory}});
  }
  return json;
}

std::string junit(const Ended& ended, const std::vector<std::string>& promises) {
  std::string cases;
  std::size_t failures = 0;
  std::vector<std::string> ids = promises;
  for (const auto& [cluster, directory] : ended.found) {
    if (std::find(ids.begin(), ids.end(), cluster.shape.finding) == ids.end()) {
      ids.push_back(cluster.shape.finding);
    }
  }
  for (const std::string& id : ids) {
    std::string broken;
    for (const auto& [cluster, directory] : ended.found) {
      if (cluster.shape.finding != id) continue;
      broken += fmt::format("{}, first seed {}: {}\n", runs_text(cluster.runs),
                            text::seed_text(cluster.seed), cluster.sentence);
    }
    failures += !broken.empty();
    cases += fmt::format("  <testcase classname=\"blackout\" name=\"{}\"", html::escaped(id));
    cases += broken.empty() ? "/>\n"
                            : fmt::format(">\n    <failure>{}</failure>\n  </testcase>\n",
                                          html::escaped(broken));
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuite name=\"blackout fuzz\" tests=\"{}\" failures=\"{}\">\n{}"
      "</testsuite>\n",
      ids.size(), failures, cases);
}

std::string markdown(const Ended& ended) {
  std::string text = fmt::format("## blackout fuzz: {}{}\n\n", heading(ended), extent(ended));
  for (const Fact& fact : facts_of(ended)) text += fmt::format("- {}: {}\n", fact.name, fact.words);
  const std::string confidence = confidence_of(ended);
  if (!confidence.empty()) text += "- " + confidence + "\n";
  const std::size_t shown = std::min(ended.found.size(), told_max);
  for (std::size_t i = 0; i < shown; ++i) text += told(ended.found[i]);
  if (shown < ended.found.size()) {
    text += fmt::format("\n{} more; the journal has them all.\n", ended.found.size() - shown);
  }
  return text;
}

}  // namespace blackout::cli

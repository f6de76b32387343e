#include "harness/explore/campaign.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "sim/random/stream.hpp"

namespace blackout::explore {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using scenario::Strategy;

constexpr std::uint64_t replay_every = 20;
constexpr std::size_t recent_runs = 1'000;

std::string header_of(const CampaignPlan& plan) {
  Json json = Json::object();
  json["format"] = "blackout-journal";
  json["version"] = 1;
  json["scenarios"] = plan.scenarios;
  json["documents"] = plan.documents;
  json["base"] = plan.base;
  json["strategy"] = plan.strategy;
  json["build"] = plan.build;
  return json.dump();
}

std::string line_of(std::uint64_t run, Strategy strategy, const Summary& summary) {
  return "{\"run\":" + std::to_string(run) + ",\"strategy\":\"" +
         std::string(scenario::name_of(strategy)) + "\",\"summary\":" + to_line(summary) + "}\n";
}

std::optional<std::pair<std::uint64_t, Summary>> read_line(const std::string& line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object() || !json.contains("run") || !json.contains("summary")) return {};
  if (!json["run"].is_number_unsigned()) return {};
  auto summary = summary_from(json["summary"].dump());
  if (!summary) return {};
  return std::pair(json["run"].get<std::uint64_t>(), std::move(*summary));
}

}  // namespace

std::vector<std::string> strategy_names() {
  const auto drawn = scenario::strategy_names().subspan(1);  // all that do not read it as written
  std::vector<std::string> names(drawn.begin(), drawn.end());
  names.emplace_back("mixed");
  return names;
}

Assignment Campaign::assignment(std::uint64_t run) const {
  constexpr std::array mixed{Strategy::as_written, Strategy::targeted, Strategy::swarm,
                             Strategy::as_written, Strategy::targeted, Strategy::uniform};
  const random::Key key = random::Key(plan_.base).child("campaign").child(run);
  Assignment made;
  made.scenario = run % plan_.scenarios.size();
  made.seed = key.draw(0);
  made.twice = run % replay_every == replay_every - 1;
  made.strategy = scenario::strategy_named(plan_.strategy)
                      .value_or(mixed[run / plan_.scenarios.size() % mixed.size()]);
  return made;
}

Result<void, std::string> Campaign::keep_journal(const std::string& file, bool resume) {
  std::error_code error;
  fs::create_directories(fs::path(file).parent_path(), error);
  const std::string header = header_of(plan_);
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  in.close();
  // What stands behind the last end of a line was being written when the process ended.
  text.resize(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1);
  if (resume && !text.empty()) {
    std::size_t at = text.find('\n') + 1;
    if (text.substr(0, at - 1) != header) {
      return failure("the journal " + file +
                     " is of another campaign: other scenarios, seed, strategy or build");
    }
    for (std::size_t end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
      const auto read = read_line(text.substr(at, end - at));
      if (!read) return failure("the journal " + file + " is damaged");
      if (!finished(read->first)) count(read->first, read->second);
    }
    fs::resize_file(file, text.size(), error);
  } else {
    if (!text.empty()) fs::rename(file, file + ".old", error);
    std::ofstream(file, std::ios::binary | std::ios::trunc) << header << "\n";
  }
  journal_.reset(std::fopen(file.c_str(), "ab"));
  if (journal_ == nullptr) return failure("cannot write the journal " + file);
  return {};
}

std::optional<std::uint64_t> Campaign::take(std::uint64_t run, const Summary& summary) {
  const auto cluster = summary.broken ? clusters_.find(summary.broken->text()) : clusters_.end();
  const bool known = cluster != clusters_.end();
  const std::uint64_t before = known ? cluster->second.first : 0;
  Summary kept = summary;
  std::erase_if(kept.states, [&](std::uint64_t state) { return states_.contains(state); });
  count(run, summary);
  if (journal_ != nullptr) {
    const std::string line = line_of(run, assignment(run).strategy, kept);
    std::fwrite(line.data(), 1, line.size(), journal_.get());
    std::fflush(journal_.get());
  }
  if (!known) return {};
  return std::max(before, run);
}

void Campaign::count(std::uint64_t run, const Summary& summary) {
  done_.insert(run);
  undecided_ += summary.conclusion == record::Conclusion::inconclusive;
  replays_ += assignment(run).twice;
  faults_ += summary.faults;
  leader_changes_ += summary.leader_changes;
  simulated_ = simulated_ + (summary.simulated - Instant(0));
  marks_.insert(summary.marks.begin(), summary.marks.end());
  const std::size_t before = states_.size();
  states_.insert(summary.states.begin(), summary.states.end());
  new_by_run_.push_back(states_.size() - before);
  if (!summary.broken) return;
  Cluster& cluster = clusters_[summary.broken->text()];
  if (++cluster.runs > 1 && cluster.first < run) return;
  cluster.shape = *summary.broken;
  cluster.first = run;
  cluster.scenario = assignment(run).scenario;
  cluster.seed = summary.seed;
  cluster.sentence = summary.sentence;
}

std::size_t Campaign::new_states() const {
  std::size_t sum = 0;
  const std::size_t from = new_by_run_.size() - std::min(new_by_run_.size(), recent_runs);
  for (std::size_t i = from; i < new_by_run_.size(); ++i) sum += new_by_run_[i];
  return sum;
}

std::vector<Cluster> Campaign::clusters() const {
  std::vector<Cluster> all;
  for (const auto& [text, cluster] : clusters_) all.push_back(cluster);
  std::sort(all.begin(), all.end(),
            [](const Cluster& a, const Cluster& b) { return a.first < b.first; });
  return all;
}

}  // namespace blackout::explore

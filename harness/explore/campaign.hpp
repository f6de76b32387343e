// What many runs found: clusters of findings, what was reached, and a journal that outlives the
// process.
//
// Run i of a campaign has its seed and its strategy from the campaign's base seed and i alone,
// whoever performs it and when. The journal is one line a finished run, with its seed and strategy,
// appended whole: a run whose line is torn is not finished, and is done again.
#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/explore/summary.hpp"
#include "harness/scenario/scenario.hpp"
#include "host/base/result.hpp"

namespace blackout::explore {

// What a campaign is: two with equal plans are one.
struct CampaignPlan {
  std::vector<std::string> scenarios;    // names
  std::vector<std::uint64_t> documents;  // hashes of the scenarios as loaded, with overrides
  std::uint64_t base = 0;
  std::string strategy;  // "mixed" or one of strategy_names
  std::string build;     // commit and compiler
  friend bool operator==(const CampaignPlan&, const CampaignPlan&) = default;
};

std::vector<std::string> strategy_names();  // "uniform", "swarm", "targeted", "mixed"

struct Assignment {
  std::size_t scenario = 0;
  std::uint64_t seed = 0;
  scenario::Strategy strategy{};
  bool twice = false;  // every twentieth run is performed twice and compared
};

struct Cluster {
  Shape shape;
  std::uint64_t runs = 0;
  std::uint64_t first = 0;  // the lowest number of a run
  std::size_t scenario = 0;
  std::uint64_t seed = 0;
  std::string sentence;
};

class Campaign {
 public:
  explicit Campaign(CampaignPlan plan) : plan_(std::move(plan)) {}

  [[nodiscard]] Assignment assignment(std::uint64_t run) const;

  // Starts a journal, or goes on with the one that is there: then its runs are taken first. On
  // failure a sentence: it cannot be written, or is another campaign's. A journal that is begun
  // anew keeps the old one beside it, with ".old".
  Result<void, std::string> keep_journal(const std::string& file, bool resume);

  // A finished run, once. Returns the run whose record is not kept any more: of a cluster only that
  // of its first run is.
  std::optional<std::uint64_t> take(std::uint64_t run, const Summary& summary);

  [[nodiscard]] bool finished(std::uint64_t run) const { return done_.contains(run); }
  [[nodiscard]] std::uint64_t runs() const { return done_.size(); }
  [[nodiscard]] std::uint64_t undecided() const { return undecided_; }
  [[nodiscard]] std::uint64_t replays() const { return replays_; }
  [[nodiscard]] std::uint64_t faults() const { return faults_; }
  [[nodiscard]] std::uint64_t leader_changes() const { return leader_changes_; }
  [[nodiscard]] Duration simulated() const { return simulated_; }
  [[nodiscard]] const std::set<std::string>& marks() const { return marks_; }
  [[nodiscard]] std::size_t states() const { return states_.size(); }
  // Abstract states that the last thousand runs were the first to reach.
  [[nodiscard]] std::size_t new_states() const;
  // By their first run.
  [[nodiscard]] std::vector<Cluster> clusters() const;

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  void count(std::uint64_t run, const Summary& summary);

  CampaignPlan plan_;
  std::unique_ptr<std::FILE, CloseFile> journal_;
  std::set<std::uint64_t> done_;
  std::uint64_t undecided_ = 0, replays_ = 0, faults_ = 0, leader_changes_ = 0;
  Duration simulated_;
  std::set<std::string> marks_;
  std::set<std::uint64_t> states_;
  std::vector<std::size_t> new_by_run_;      // in the order of taking
  std::map<std::string, Cluster> clusters_;  // by the text of the shape
};

}  // namespace blackout::explore

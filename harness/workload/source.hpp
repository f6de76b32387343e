// Where arrivals come from: a client group, its probes in one region, or what a surge adds to it.
//
// Every draw of an arrival comes from the source's own stream and the arrival's ordinal.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "harness/workload/conduct.hpp"
#include "sim/kernel/kernel.hpp"
#include "sim/random/distributions.hpp"

namespace blackout::workload {

class Source;

// Probes sample availability between a sparse workload's arrivals (objectives.md, "RTO").
inline constexpr Duration probe_gap = milliseconds(100);

// An operation that a client wants, before its first send.
struct Arrival {
  record::Operation operation;
  std::uint32_t key_rank = 0;
  Source* source = nullptr;
};

// A surge that a source belongs to.
struct Surge {
  const fault::Fault* fault = nullptr;
  FaultTag tag = 0;
};

class Source {
 public:
  struct Settings {
    std::uint32_t group = 0;
    std::uint32_t first_client = 0;
    random::Key key;
    std::optional<RegionId> probed = {};  // arrivals are probes of this region, at equal gaps
    std::optional<Surge> surge = {};      // arrivals are those that it adds
    // Whose answers tell this source the versions of keys; null: its own.
    Source* informant = nullptr;
  };
  // What it is made from outlives it. `arrive` takes each arrival at its time.
  Source(const scenario::Plan& plan, kernel::Kernel& kernel, Conduct& conduct, Settings settings,
         std::function<void(Arrival)> arrive);
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  // Arrivals begin now; they end at the end of the calm phase, or with stop().
  void start();
  void stop() { stopped_ = true; }

  // An answer showed this version of a key.
  void seen(std::uint32_t key_rank, std::uint64_t version);
  [[nodiscard]] const std::optional<Surge>& surge() const { return settings_.surge; }
  [[nodiscard]] std::uint32_t group() const { return settings_.group; }
  [[nodiscard]] bool probing() const { return settings_.probed.has_value(); }

 private:
  [[nodiscard]] const scenario::ClientGroupPlan& clients() const {
    return plan_.clients[settings_.group];
  }
  [[nodiscard]] std::int64_t mean_gap_ns() const;
  void arm();
  void arrive();
  Arrival draw(random::Key key);
  [[nodiscard]] record::OperationKind kind(std::uint64_t bits) const;
  [[nodiscard]] std::uint32_t rank(std::uint64_t bits) const;

  const scenario::Plan& plan_;
  kernel::Kernel& kernel_;
  Conduct& conduct_;
  Settings settings_;
  std::function<void(Arrival)> arrive_;
  std::optional<random::Zipf> zipf_;
  std::vector<std::uint64_t> versions_;  // by key: the newest version that an answer showed
  Instant next_;
  std::uint64_t ordinal_ = 0;
  bool stopped_ = false;
};

}  // namespace blackout::workload

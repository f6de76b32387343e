// Scenario files: load with every problem reported at once, and draw a Plan from a seed.
//
// load() never throws and never stops at the first problem. A Diagnostic has the position of the
// key or value it speaks of (line and column from 1, column in bytes), one sentence and at least
// one remedy.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/plan.hpp"
#include "host/base/result.hpp"

namespace blackout::scenario {

enum class Severity : std::uint8_t { error, warning };

struct Diagnostic {
  Severity severity{};
  std::string code;  // "E104"
  std::string file;
  // What is underlined. Length 0: not in the text of the scenario (a topology); line 0: an
  // override.
  std::uint32_t line = 1, column = 1, length = 1;
  std::string sentence;
  std::vector<std::string> remedies;
};
using Diagnostics = std::vector<Diagnostic>;  // errors, then warnings, each by position

// "draft.json:38:28: error E104: ..." with the source line, the underline and the remedies (ux.md).
// `text` is that of the scenario.
std::string format_diagnostics(const Diagnostics& diagnostics, std::string_view text);

// One field to replace before checking: "groups.0.acknowledge" and a JSON value or a bare word.
struct Override {
  std::string path, value;
};

struct Document;  // the parsed file with positions

// A checked scenario: drawing from it cannot fail.
class Scenario {
 public:
  explicit Scenario(std::shared_ptr<const Document> document);
  [[nodiscard]] const std::string& name() const;
  [[nodiscard]] const std::string& summary() const;
  [[nodiscard]] bool generated() const;  // faults come from a generator
  // The path of the first field that is left to a draw, a generator or a cause,
  // "topology.links.jitter"; empty of a plan.
  [[nodiscard]] const std::string& undrawn() const;
  // The file's seeds as written: "0x..." or "commit"; empty if it has none.
  [[nodiscard]] const std::vector<std::string>& seeds() const;
  [[nodiscard]] const Diagnostics& warnings() const;
  [[nodiscard]] const Document& document() const;

 private:
  std::shared_ptr<const Document> document_;
};

// How load() finds topologies: the text of "<name>.json" in `topologies/` beside the scenario, or
// an empty optional. Injected, so that nothing but the command line touches the file system.
struct Source {
  std::string file;  // as given by the user; used in diagnostics
  std::string text;
  std::string directory;  // where topologies/ stands
};

// The names that the build at hand knows: marks, ids of objectives and invariants (as findings have
// them: "rpo", "raft.vote_uniqueness"), planted bugs, systems. An empty list allows every name.
struct Vocabulary {
  std::vector<std::string> marks, promises, planted, systems;  // the first system by default
  // By system: keys that it has nothing for.
  std::map<std::string, std::vector<std::string>> unused_keys{};
};

Result<Scenario, Diagnostics> load(const Source& source,
                                   const std::vector<Override>& overrides = {},
                                   const Vocabulary& known = {});

// How a generator is read.
enum class Strategy : std::uint8_t {
  as_written,
  uniform,   // every entry of the menu in every run, equally often, no roles: the baseline
  swarm,     // each entry in half of the runs, no roles
  targeted,  // every target that is left out a role, and every other fault waits for an event
};

// In the order of Strategy: "as_written", "uniform", ...
std::span<const std::string_view> strategy_names();
std::string_view name_of(Strategy strategy);
std::optional<Strategy> strategy_named(std::string_view name);

// Every draw of the file happens here, each from the stream named by its place in the file.
Plan draw(const Scenario& scenario, std::uint64_t seed, Strategy strategy = Strategy::as_written);

// "90s", "10min": as durations are written in scenario files. An empty optional for anything else.
std::optional<Duration> duration_of(std::string_view text);

// The JSON Schema (draft-07) of scenario files, as `scenario schema` prints it.
std::string_view schema_text();

}  // namespace blackout::scenario

#include "harness/explore/shrink.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "harness/explore/fleet.hpp"
#include "harness/explore/run_one.hpp"
#include "harness/scenario/document.hpp"
#include "harness/scenario/fields.hpp"
#include "harness/scenario/scenario.hpp"
#include "host/base/check.hpp"

namespace blackout::explore {
namespace {

using scenario::Node;
using scenario::NodeType;
using scenario::Quantity;
using scenario::string_node;

constexpr std::size_t rescue_seeds = 16;
// A candidate that hangs is no witness, and the others wait for it.
constexpr std::uint32_t silence_seconds = 10;

struct Candidate {
  Node root;
  std::uint64_t seed = 0;
};

std::optional<scenario::Plan> plan_of(const std::string& document, std::uint64_t seed) {
  const auto loaded = scenario::load({"plan", document, ""});
  if (!loaded) return {};
  return scenario::draw(loaded.value(), seed);
}

// A task is a seed, a blank and a document; the answer a summary, or nothing where the document is
// no scenario.
std::string perform(const std::string& task) {
  const std::size_t blank = task.find(' ');
  const auto plan = plan_of(task.substr(blank + 1), std::stoull(task));
  if (!plan) return {};
  Limits limits;
  limits.silence_seconds = silence_seconds;
  return to_line(probe(*plan, {}, "", limits));
}

Node array_of(std::string key, std::vector<Node> children) {
  Node array;
  array.type = NodeType::array;
  array.key = std::move(key);
  array.children = std::move(children);
  return array;
}

void erase(Node& object, std::string_view key) {
  std::erase_if(object.children, [&](const Node& member) { return member.key == key; });
}

void set(Node& object, std::string_view key, std::string text) {
  if (Node* member = object.find(key)) member->text = std::move(text);
}

std::string text_of(Duration span) {
  return scenario::quantity_text(span.ns(), Quantity::duration);
}

Duration duration_in(const Node& object, std::string_view key) {
  return scenario::duration_or(object, key, Duration());
}

std::vector<Node>& faults_of(Node& root) { return root.find("faults")->children; }

Size size_of(const Node& root) {
  Size size;
  size.faults = root.get("faults").children.size();
  for (const Node& group : root.get("workload").children) {
    size.clients +=
        static_cast<std::size_t>(scenario::integer_of(group.find("clients")).value_or(0));
  }
  size.nodes = scenario::Places(root).servers();
  const record::Timeline timeline = *scenario::timeline_of(root);
  size.length = timeline.end() - Instant(0);
  return size;
}

class Shrinker {
 public:
  Shrinker(Node root, std::uint64_t seed, std::size_t jobs,
           const std::function<void(const ShrinkStep&)>& observe)
      : best_{std::move(root), seed}, fleet_(jobs, perform), observe_(observe) {}

  std::optional<Shrunk> run() {
    const auto first = outcome_of(best_), second = outcome_of(best_);
    if (!first || !second || !first->broken) return {};
    if (first->trace_hash != second->trace_hash) return {};
    shape_ = *first->broken;
    found_at_ = first->found_at;
    done("start");
    std::string before;
    while (before != to_text(best_.root)) {
      before = to_text(best_.root);
      pass("shorter", [this] { cut_tail(); });
      pass("fewer causes", [this] { drop_all_of("cause"); });
      pass("fewer kinds", [this] { drop_all_of("kind"); });
      pass("fewer faults", [this] { drop_faults(); });
      pass("fewer clients", [this] { drop_clients(); });
      pass("fewer nodes", [this] { drop_nodes(); });
      pass("shorter faults", [this] { shorten_faults(); });
      pass("softer", [this] { soften(); });
      // Dear, and so only once nothing else helps.
      if (before == to_text(best_.root)) pass("one timeout", [this] { even_timeouts(); });
      if (before == to_text(best_.root)) pass("other seeds", [this] { rescue(); });
      // Last: in a still world other seeds are much the same.
      if (before == to_text(best_.root)) pass("still nature", [this] { freeze(); });
    }
    return finish();
  }

 private:
  static std::string task_of(const Candidate& candidate) {
    return std::to_string(candidate.seed) + " " + to_text(candidate.root);
  }

  std::optional<Summary> outcome_of(const Candidate& candidate) {
    std::optional<Summary> found;
    first_of({candidate}, [&](const std::optional<Summary>& summary) {
      found = summary;
      return true;
    });
    return found;
  }

  bool same_failure(const std::optional<Summary>& summary) const {
    return summary && summary->broken && summary->broken->finding == shape_.finding &&
           summary->broken->role == shape_.role;
  }

  // The first candidate, in their order, whose outcome is `wanted`; tried side by side.
  std::optional<std::size_t> first_of(
      const std::vector<Candidate>& candidates,
      const std::function<bool(const std::optional<Summary>&)>& wanted) {
    std::map<std::size_t, std::optional<Summary>> outcomes;
    std::size_t next = 0, judged = 0;
    std::optional<std::size_t> found;
    while (judged < candidates.size() && !found) {
      while (fleet_.idle() && next < candidates.size()) {
        fleet_.give(next, task_of(candidates[next]));
        ++next;
      }
      const auto answer = fleet_.next(100);
      if (observe_) observe_({"", {}, tries_});
      if (answer) outcomes[answer->id] = answer->text ? summary_from(*answer->text) : std::nullopt;
      for (; judged < candidates.size() && outcomes.contains(judged) && !found; ++judged) {
        ++tries_;
        keep_aside(candidates[judged], outcomes[judged]);
        if (wanted(outcomes[judged])) found = judged;
      }
    }
    while (fleet_.busy()) {
      if (fleet_.next(100)) continue;
    }
    return found;
  }

  // Goes on from the first that still fails; false if none does.
  bool accept(const std::vector<Candidate>& candidates) {
    const auto found = first_of(candidates, [this](const auto& summary) {
      if (!same_failure(summary)) return false;
      found_at_ = summary->found_at;
      return true;
    });
    if (found) best_ = candidates[*found];
    return found.has_value();
  }

  bool accept(const std::function<void(Node&)>& change) {
    Candidate changed = best_;
    change(changed.root);
    if (to_text(changed.root) == to_text(best_.root)) return false;
    return accept(std::vector{std::move(changed)});
  }

  void keep_aside(const Candidate& candidate, const std::optional<Summary>& summary) {
    if (!summary || !summary->broken || same_failure(summary) || shape_.finding.empty()) return;
    const auto known = std::any_of(asides_.begin(), asides_.end(), [&](const Aside& aside) {
      return aside.shape.finding == summary->broken->finding &&
             aside.shape.role == summary->broken->role;
    });
    if (!known) asides_.push_back({*summary->broken, candidate.seed, to_text(candidate.root)});
  }

  void pass(const std::string& name, const std::function<void()>& body) {
    const Size before = size_of(best_.root);
    const std::string text = to_text(best_.root);
    body();
    if (size_of(best_.root) == before && to_text(best_.root) == text) return;
    done(name);
  }

  void done(const std::string& name) {
    steps_.push_back({name, size_of(best_.root), tries_ - told_});
    told_ = tries_;
    if (observe_) observe_(steps_.back());
  }

  void cut_tail() {
    const record::Timeline timeline = *scenario::timeline_of(best_.root);
    const auto whole = [](Instant t) {
      return Instant((t.ns() / 1'000'000'000 + 1) * 1'000'000'000);
    };
    std::vector<Instant> ends;
    if (found_at_ > timeline.chaos_start()) ends.push_back(whole(found_at_));
    for (int part = 0; part < 8; ++part) {
      ends.push_back(whole(timeline.chaos_start() + timeline.chaos * part / 8));
    }
    std::sort(ends.begin(), ends.end());
    std::vector<Candidate> candidates;
    for (const Instant end : ends) {
      if (end < timeline.calm_start()) candidates.push_back(with_chaos_until(end, timeline));
    }
    accept(candidates);
    std::vector<Candidate> calmer;
    for (const std::int64_t s : {1, 3, 6, 10}) {
      if (seconds(s) >= duration_in(best_.root.get("timeline"), "calm")) break;
      Candidate changed = best_;
      set(*changed.root.find("timeline"), "calm", text_of(seconds(s)));
      calmer.push_back(std::move(changed));
    }
    accept(calmer);
  }

  [[nodiscard]] Candidate with_chaos_until(Instant end, const record::Timeline& timeline) const {
    Candidate cut = best_;
    set(*cut.root.find("timeline"), "chaos", text_of(end - timeline.chaos_start()));
    std::vector<Node>& faults = faults_of(cut.root);
    std::erase_if(faults,
                  [&](const Node& fault) { return Instant(0) + duration_in(fault, "at") >= end; });
    for (Node& fault : faults) {
      const Duration left = end - (Instant(0) + duration_in(fault, "at"));
      if (duration_in(fault, "for") > left) set(fault, "for", text_of(left));
    }
    return cut;
  }

  // The faults of one kind, or of one cause.
  void drop_all_of(std::string_view key) {
    const auto name_in = [key](const Node& fault) {
      const Node* name = fault.find(key);
      return name == nullptr ? std::string() : name->text;
    };
    std::set<std::string> names;
    for (const Node& fault : faults_of(best_.root)) names.insert(name_in(fault));
    if (names.size() < 2) return;
    names.erase("");
    for (const std::string& name : names) {
      accept([&](Node& root) {
        std::erase_if(faults_of(root), [&](const Node& fault) { return name_in(fault) == name; });
      });
    }
  }

  // ddmin, by complements: all but a part, in parts of half, a quarter, an eighth ... one.
  void drop_faults() {
    std::size_t part = (faults_of(best_.root).size() + 1) / 2;
    while (part > 0) {
      std::vector<Candidate> candidates;
      const std::size_t count = faults_of(best_.root).size();
      for (std::size_t from = 0; from < count; from += part) {
        Candidate without = best_;
        std::vector<Node>& faults = faults_of(without.root);
        faults.erase(faults.begin() + static_cast<std::ptrdiff_t>(from),
                     faults.begin() + static_cast<std::ptrdiff_t>(std::min(from + part, count)));
        candidates.push_back(std::move(without));
      }
      if (accept(candidates)) {
        part = std::min(part, faults_of(best_.root).size());
      } else {
        part /= 2;
      }
    }
  }

  void drop_clients() {
    accept([](Node& root) {
      Node* objectives = root.find("objectives");
      std::erase_if(objectives->children, [](const Node& one) { return one.key != "rpo"; });
    });
    for (std::size_t i = best_.root.get("workload").children.size(); i-- > 0;) {
      accept([i](Node& root) {
        std::vector<Node>& groups = root.find("workload")->children;
        groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(i));
      });
    }
    for (std::size_t i = 0; i < best_.root.get("workload").children.size(); ++i) {
      const Node& group = best_.root.get("workload").children[i];
      const std::int64_t clients = *scenario::integer_of(group.find("clients"));
      std::vector<Candidate> fewer;
      for (std::int64_t n = 1; n < clients; n *= 2) {
        Candidate changed = best_;
        set(changed.root.find("workload")->children[i], "clients", std::to_string(n));
        fewer.push_back(std::move(changed));
      }
      accept(fewer);
    }
  }

  // The director, a voter, or a region with all that is in it.
  void drop_nodes() {
    if (best_.root.find(scenario::director_name) != nullptr) {
      accept([](Node& root) { erase(root, scenario::director_name); });
    }
    bool smaller = true;
    while (smaller) {
      std::vector<Candidate> candidates;
      for (const Node& region : best_.root.get("topology").get("regions").children) {
        candidates.push_back(without_region(region.key));
      }
      for (std::size_t g = 0; g < best_.root.get("groups").children.size(); ++g) {
        for (const Node& voters : best_.root.get("groups").children[g].get("voters").children) {
          const std::int64_t count = *scenario::integer_of(&voters);
          if (count < 2) continue;
          Candidate changed = best_;
          Node& group = changed.root.find("groups")->children[g];
          set(*group.find("voters"), voters.key, std::to_string(count - 1));
          candidates.push_back(std::move(changed));
        }
      }
      smaller = accept(candidates);
    }
  }

  [[nodiscard]] Candidate without_region(const std::string& name) const {
    Candidate changed = best_;
    Node& topology = *changed.root.find("topology");
    erase(*topology.find("regions"), name);
    if (Node* pairs = topology.find("region_rtt")) {
      std::erase_if(pairs->children, [&](const Node& pair) {
        return pair.children[0].text == name || pair.children[1].text == name;
      });
    }
    const auto forget = [&](Node* list) {
      if (list == nullptr || !list->is(NodeType::array)) return;
      std::erase_if(list->children, [&](const Node& one) { return one.text == name; });
    };
    const auto leave = [&](Node& group) {
      erase(*group.find("voters"), name);
      forget(group.find("prefer_leader"));
    };
    for (Node& group : changed.root.find("groups")->children) leave(group);
    if (Node* director = changed.root.find(scenario::director_name)) leave(*director);
    for (Node& clients : changed.root.find("workload")->children) forget(clients.find("from"));
    if (Node* still = topology.find("still")) forget_still(*still, name);
    return changed;
  }

  static void forget_still(Node& still, const std::string& region) {
    for (Node& list : still.children) {
      std::erase_if(list.children, [&](const Node& stream) {
        if (stream.is(NodeType::string)) return stream.text.starts_with(region + "-");
        return stream.children[0].text == region || stream.children[1].text == region;
      });
    }
    std::erase_if(still.children, [](const Node& list) { return list.children.empty(); });
  }

  void shorten_faults() {
    for (std::size_t i = 0; i < faults_of(best_.root).size(); ++i) {
      const Node& fault = faults_of(best_.root)[i];
      const auto with = [&](std::string_view key, Duration value) {
        Candidate changed = best_;
        set(faults_of(changed.root)[i], key, text_of(value));
        return changed;
      };
      const Duration length = duration_in(fault, "for");
      std::vector<Candidate> shorter;
      for (const Duration rounder : {milliseconds(100), milliseconds(500), seconds(1), seconds(2),
                                     seconds(5), seconds(10)}) {
        if (rounder < length) shorter.push_back(with("for", rounder));
      }
      accept(shorter);
      const Duration at = duration_in(faults_of(best_.root)[i], "at");
      std::vector<Candidate> rounder;
      for (const Duration unit : {seconds(1), milliseconds(100), milliseconds(10)}) {
        const Duration down = Duration(at.ns() / unit.ns() * unit.ns());
        if (down == at) break;
        rounder.push_back(with("at", down));
        rounder.push_back(with("at", down + unit));
      }
      accept(rounder);
      accept([i](Node& root) { erase(faults_of(root)[i], "why"); });
    }
  }

  void soften() {
    const auto topology = [](Node& root) -> Node& { return *root.find("topology"); };
    accept([&](Node& root) { erase(topology(root), "links"); });
    for (const char* key : {"jitter", "loss", "bandwidth"}) {
      accept([&](Node& root) {
        if (Node* links = topology(root).find("links")) erase(*links, key);
      });
    }
    accept([&](Node& root) { erase(topology(root), "clocks"); });
    accept([&](Node& root) { erase(topology(root), "disks"); });
  }

  // Stream by stream: what is left alone in the end is the luck that it takes.
  void freeze() {
    const Node& topology = best_.root.get("topology");
    const scenario::Places places(best_.root);
    const Node* links = topology.find("links");
    if (links != nullptr && (links->find("jitter") || links->find("loss"))) {
      std::vector<Node> pairs;
      const std::vector<std::string> regions = places.names(scenario::Level::region);
      for (std::size_t a = 0; a < regions.size(); ++a) {
        for (std::size_t b = a; b < regions.size(); ++b) {
          pairs.push_back(array_of("", {string_node(regions[a]), string_node(regions[b])}));
        }
      }
      freeze("links", pairs);
    }
    std::vector<Node> nodes;
    for (const std::string& name : places.names(scenario::Level::node)) {
      nodes.push_back(string_node(name));
    }
    freeze("disks", nodes);
    if (best_.root.get("topology").find("clocks") != nullptr) freeze("clocks", nodes);
  }

  // All of them, or each that can be.
  void freeze(const std::string& kind, std::vector<Node> streams) {
    if (const Node* frozen = scenario::at_path(best_.root, {"topology", "still", kind})) {
      std::erase_if(streams, [&](const Node& stream) {
        return std::any_of(frozen->children.begin(), frozen->children.end(),
                           [&](const Node& one) { return to_text(one) == to_text(stream); });
      });
    }
    if (streams.size() > 1 && accept([&](Node& root) { add_still(root, kind, streams); })) return;
    for (const Node& stream : streams) {
      accept([&](Node& root) { add_still(root, kind, {stream}); });
    }
  }

  static void add_still(Node& root, const std::string& kind, const std::vector<Node>& streams) {
    Node& topology = *root.find("topology");
    if (topology.find("still") == nullptr) {
      topology.children.push_back(array_of("still", {}));
      topology.children.back().type = NodeType::object;
    }
    Node& still = *topology.find("still");
    if (still.find(kind) == nullptr) still.children.push_back(array_of(kind, {}));
    std::vector<Node>& list = still.find(kind)->children;
    list.insert(list.end(), streams.begin(), streams.end());
  }

  // Voters that stand together need no luck, and no fault that brings them to it.
  void even_timeouts() {
    constexpr std::int64_t spread = 20;  // one part of so many
    std::vector<Candidate> candidates;
    for (std::size_t k = 0; k <= rescue_seeds; ++k) {
      Candidate changed = best_;
      changed.seed = best_.seed + k;
      for (Node& group : changed.root.find("groups")->children) {
        std::vector<Node>& ends = group.find("election_timeout")->children;
        const Duration low(scenario::quantity_of(ends[0], Quantity::duration));
        const Duration high(scenario::quantity_of(ends[1], Quantity::duration));
        const Duration even = milliseconds((low + low / spread).ns() / 1'000'000 + 1);
        ends[1].text = text_of(std::min(high, even));
      }
      candidates.push_back(std::move(changed));
    }
    if (to_text(candidates[0].root) != to_text(best_.root)) accept(candidates);
  }

  // Without each fault, with other draws of nature.
  void rescue() {
    for (std::size_t i = 0; i < faults_of(best_.root).size();) {
      std::vector<Candidate> candidates;
      for (std::size_t k = 0; k <= rescue_seeds; ++k) {
        Candidate changed = best_;
        changed.seed = best_.seed + k;
        std::vector<Node>& faults = faults_of(changed.root);
        faults.erase(faults.begin() + static_cast<std::ptrdiff_t>(i));
        candidates.push_back(std::move(changed));
      }
      if (!accept(candidates)) ++i;
    }
  }

  Shrunk finish() {
    Shrunk result;
    result.name = shape_.finding;
    for (char& c : result.name) {
      if (c == '.' || c == '_') c = '-';
    }
    Node& root = best_.root;
    set(root, "name", result.name);
    set(root, "$schema", "../schema/scenario.v1.schema.json");
    const std::optional<Summary> last = outcome_of(best_);
    CHECK(same_failure(last), "what was shrunk fails again");
    set(root, "summary", last->sentence);
    const bool crash = shape_.finding.starts_with("crash");
    Node violates =
        array_of("violates", {string_node(crash ? std::string("crash") : shape_.finding)});
    Node expect;
    expect.type = NodeType::object;
    expect.key = "expect";
    expect.children = {string_node("violates", "verdict"), std::move(violates)};
    *root.find("expect") = std::move(expect);
    result.seed = best_.seed;
    result.shape = *last->broken;
    const auto plan = plan_of(to_text(root), best_.seed);
    CHECK(plan.has_value(), "what was shrunk is a scenario");
    result.document = plan->document;
    result.steps = std::move(steps_);
    result.asides = std::move(asides_);
    result.tries = tries_;
    return result;
  }

  Candidate best_;
  Fleet fleet_;
  const std::function<void(const ShrinkStep&)>& observe_;
  Shape shape_;
  Instant found_at_;
  std::uint64_t tries_ = 0, told_ = 0;
  std::vector<ShrinkStep> steps_;
  std::vector<Aside> asides_;
};

}  // namespace

std::optional<Shrunk> shrink(const std::string& document, std::uint64_t seed, std::size_t jobs,
                             const std::function<void(const ShrinkStep&)>& observe) {
  scenario::Report report = scenario::Report::unheard();
  auto root = scenario::parse(document, report);
  if (!root || root->find("faults") == nullptr || root->find("expect") == nullptr) return {};
  // What a plan expects to break is looked for as in any other.
  Node pass;
  pass.type = NodeType::object;
  pass.key = "expect";
  pass.children = {string_node("pass", "verdict")};
  *root->find("expect") = std::move(pass);
  return Shrinker(std::move(*root), seed, jobs, observe).run();
}

}  // namespace blackout::explore

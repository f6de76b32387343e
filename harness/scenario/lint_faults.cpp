#include <algorithm>

#include "harness/scenario/aim.hpp"
#include "harness/scenario/causes.hpp"
#include "harness/scenario/lint.hpp"

namespace blackout::scenario {

namespace {

using fault::Kind;
using fault::Shape;
using fault::Target;

// A backup cannot be older than the run; `at` is the earliest start of the fault.
void check_backup(const Node& fault, Instant at, Report& report) {
  const Node* taken = fault.find("taken");
  const auto age = span_of(taken, Quantity::duration);
  const bool drawn_long = taken != nullptr && taken->find("exponential") != nullptr;
  if (!age || drawn_long || age->max <= (at - Instant(0)).ns()) return;
  report.add(Code::out_of_range, taken->at, "this backup would be taken before the run begins",
             {"at most " + seconds_text(at) + " before the fault"});
}

void check_director(const Node& root, const Node& fault, Report& report) {
  const auto kind = kind_of(fault);
  if (kind != Kind::routes_stale && kind != Kind::region_drained) return;
  if (root.find(director_name) != nullptr) return;
  report.add(Code::no_director, fault.get("kind").at,
             "there is no director whose routes clients could follow",
             {"add a \"director\" with its voters beside \"groups\", or choose another kind"});
}

void check_times(const Node& fault, const record::Timeline& timeline, Report& report) {
  const Node* at = fault.find("at");
  const auto start = value_of(at, Quantity::duration);
  if (!start) return;
  check_backup(fault, Instant(*start), report);
  const Instant chaos_end = timeline.calm_start();
  const std::string chaos =
      "chaos lasts from " + seconds_text(timeline.chaos_start()) + " to " + seconds_text(chaos_end);
  if (Instant(*start) < timeline.chaos_start() || Instant(*start) >= chaos_end) {
    report.add(Code::fault_outside_chaos, at->at,
               "this fault starts at " + seconds_text(Instant(*start)) + ", outside chaos",
               {chaos});
    return;
  }
  const Node* length = fault.find("for");
  const auto span = span_of(length, Quantity::duration);
  if (!span) return;
  if (span->max == 0) {
    report.add(Code::out_of_range, length->at, "this fault lasts no time",
               {"leave \"for\" out to keep it until calm"});
  } else if (Instant(*start + span->max) > chaos_end) {
    const bool drawn = span->min != span->max;
    report.add(Code::fault_beyond_chaos, length->at,
               std::string("this fault ") + (drawn ? "may last" : "lasts") + " until " +
                   seconds_text(Instant(*start + span->max)) + ", beyond chaos",
               {chaos, "shorten it, lengthen chaos, or leave \"for\" out to keep it until calm"});
  }
}

void check_collisions(const std::vector<FaultExtent>& faults, const Places& places,
                      Report& report) {
  std::vector<FaultExtent> taken;
  for (const FaultExtent& next : faults) {
    if (const FaultExtent* other = colliding(taken, next)) {
      std::string node;
      for (const NodeId id : next.extent.nodes) {
        const auto& held = other->extent.nodes;
        if (std::find(held.begin(), held.end(), id) == held.end()) continue;
        node = places.nodes()[id.value()].name;
        break;
      }
      report.add(Code::overlapping_faults, next.node->at,
                 "fault " + next.letter + " takes " + node + " while fault " + other->letter +
                     " still holds it",
                 {"fault " + other->letter + " lasts until " + seconds_text(other->end),
                  "start it later, or choose another target"});
    }
    taken.push_back(next);
  }
}

void check_generator(const Node& root, const Node& generator, const Places& places,
                     Report& report) {
  const Node* menu = generator.find("menu");
  const auto timeline = timeline_of(root);
  for (std::size_t i = 0; menu != nullptr && i < menu->children.size(); ++i) {
    const Node& entry = menu->children[i];
    check_fault(entry, places, report);
    check_director(root, entry, report);
    if (timeline) check_backup(entry, timeline->chaos_start(), report);
    const auto span = span_of(entry.find("for"), Quantity::duration);
    if (span && span->max == 0) {
      report.add(Code::out_of_range, entry.find("for")->at, "this fault lasts no time",
                 {"leave \"for\" out to keep it until calm"});
    }
  }
  const Node* gap = generator.find("gap");
  if (gap == nullptr || !timeline) return;
  const Node* mean = gap->find("exponential");
  const auto least = mean ? value_of(mean, Quantity::duration) : std::optional<std::int64_t>();
  const auto span = span_of(gap, Quantity::duration);
  if (!span) return;
  const std::int64_t typical =
      std::max<std::int64_t>(1, least.value_or((span->min + span->max) / 2));
  if (timeline->chaos.ns() / typical > static_cast<std::int64_t>(generated_faults_max)) {
    report.add(
        Code::too_many_faults, gap->at,
        "this gap gives about " + std::to_string(timeline->chaos.ns() / typical) + " faults",
        {"at most " + std::to_string(generated_faults_max) + "; widen the gap or shorten chaos"});
  }
}

// No rule keeps what only the disks had that are gone: such a run cannot expect a pass.
void check_disks(const Node& root, const std::vector<FaultExtent>& faults, const Places& places,
                 Report& report) {
  if (!expects_pass(root)) return;
  for (const VoterGroup& group : places.groups()) {
    std::size_t lost = 0;
    const FaultExtent* last = nullptr;
    for (const NodeId voter : group.voters) {
      const auto loses = std::find_if(faults.begin(), faults.end(), [&](const FaultExtent& fault) {
        const auto& nodes = fault.extent.nodes;
        return (fault.kind == Kind::disk_replaced || fault.kind == Kind::disk_restored) &&
               std::find(nodes.begin(), nodes.end(), voter) != nodes.end();
      });
      if (loses == faults.end()) continue;
      ++lost;
      if (last == nullptr || loses->start > last->start) last = &*loses;
    }
    if (lost * 2 <= group.voters.size()) continue;
    report.add(Code::disks_beyond_model, last->node->at,
               "group " + quote(group.name) + " loses the disks of " + std::to_string(lost) +
                   " of its " + std::to_string(group.voters.size()) + " voters",
               {"a majority may have forgotten what was acknowledged: spare a disk, or write "
                "\"expect\": { \"verdict\": \"violates\" }"});
    return;
  }
}

}  // namespace

std::string seconds_text(Instant at) { return format_duration(at - Instant(0)); }

std::string letter_of(std::size_t ordinal) {
  std::string letters;
  for (std::size_t rest = ordinal + 1; rest > 0; rest = (rest - 1) / 26) {
    letters.insert(letters.begin(), static_cast<char>('A' + (rest - 1) % 26));
  }
  return letters;
}

std::optional<FaultExtent> fault_extent(const Node& fault, const record::Timeline& timeline,
                                        const Places& places, Report& report) {
  const auto kind = kind_of(fault);
  const auto start = value_of(fault.find("at"), Quantity::duration);
  const Node* target = fault.find("target");
  if (!kind || !start || target == nullptr) return {};
  const fault::KindRow& row = row_of(*kind);
  Shape shape = Shape::cut;
  if (row.target == Target::shaped) {
    const auto& known = row_of(fault::Parameter::shape).words;
    const Node* said = fault.find("shape");
    if (said == nullptr || std::find(known.begin(), known.end(), said->text) == known.end())
      return {};
    shape = shape_of(fault);
  }
  const auto aimed = aim_at(*kind, shape, false, *target, places, report);
  if (!aimed) return {};
  FaultExtent made;
  made.kind = *kind;
  made.node = &fault;
  made.start = Instant(*start);
  const auto span = span_of(fault.find("for"), Quantity::duration);
  // Clocks and disks that are not said to recover are a state of the world from then on.
  const bool state =
      !row.stops && (row.group == fault::Group::clock || row.group == fault::Group::disk);
  made.lasts = span.has_value() || (!state && !row.momentary());
  made.end = span              ? Instant(*start + span->max)
             : row.momentary() ? made.start
                               : timeline.calm_start();
  const bool certain = aimed->aims.empty() && fault.find("on") == nullptr;
  if (certain) made.extent = aimed->choices[0].extent;
  return made;
}

const FaultExtent* colliding(const std::vector<FaultExtent>& taken, const FaultExtent& next) {
  for (const FaultExtent& other : taken) {
    const fault::Part part = row_of(next.kind).part;
    if (part == fault::Part::none || part != row_of(other.kind).part) continue;
    if (other.end <= next.start || next.end <= other.start) continue;
    for (const NodeId node : next.extent.nodes) {
      if (std::binary_search(other.extent.nodes.begin(), other.extent.nodes.end(), node)) {
        return &other;
      }
    }
  }
  return nullptr;
}

void check_faults(const Node& root, const Places& places, Report& report) {
  const Node* faults = root.find("faults");
  const auto timeline = timeline_of(root);
  struct Listed {
    const Node* fault;
    Duration earlier;
    bool certain;
  };
  std::vector<Listed> listed;
  for (const Node& fault : items_of(faults)) listed.push_back({&fault, Duration(), true});
  const std::vector<Consequence> consequences = possible_consequences(root);
  for (const Consequence& one : consequences)
    listed.push_back({&one.fault, one.earlier, one.certain});
  const Node* generator = faults != nullptr ? faults->find("generate") : nullptr;
  if (generator != nullptr) check_generator(root, *generator, places, report);
  for (const Listed& one : listed) {
    check_fault(*one.fault, places, report);
    check_director(root, *one.fault, report);
    if (timeline) check_times(*one.fault, *timeline, report);
  }
  if (!timeline) return;
  const auto start_of = [](const Listed& one) {
    return value_of(one.fault->find("at"), Quantity::duration).value_or(0) - one.earlier.ns();
  };
  std::erase_if(listed, [](const Listed& one) {
    return !value_of(one.fault->find("at"), Quantity::duration);
  });
  std::stable_sort(listed.begin(), listed.end(),
                   [&](const Listed& a, const Listed& b) { return start_of(a) < start_of(b); });
  std::vector<FaultExtent> extents;
  for (std::size_t i = 0; i < listed.size(); ++i) {
    Report known = Report::unheard();  // check_fault has said it
    auto extent = fault_extent(*listed[i].fault, *timeline, places, known);
    if (!extent) continue;
    extent->start = Instant(start_of(listed[i]));
    extent->spread = listed[i].earlier;
    extent->certain = listed[i].certain;
    extent->letter = letter_of(i);
    extents.push_back(std::move(*extent));
  }
  check_collisions(extents, places, report);
  check_quorum(root, extents, places, report);
  check_disks(root, extents, places, report);
}

}  // namespace blackout::scenario

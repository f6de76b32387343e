#include "reports/record/json.hpp"

#include <type_traits>

namespace blackout::record {
namespace {

// One list of members per type serves both directions.
// clang-format off
#define MEMBERS_RegionFact \
  X(name)
#define MEMBERS_NodeFact \
  X(name) X(region) X(zone) X(client_host)
#define MEMBERS_ShardFact \
  X(name) X(key_prefix) X(voters) X(routes)
#define MEMBERS_ClientGroupFact \
  X(name) X(shard) X(from) X(clients) X(timeout)
#define MEMBERS_FaultFact \
  X(letter) X(kind) X(target) X(details) X(at) X(length) X(why) X(cause)
#define MEMBERS_Timeline \
  X(warmup) X(chaos) X(calm)
#define MEMBERS_RtoObjective \
  X(max) X(group) X(success_ppm) X(window) X(within)
#define MEMBERS_AvailabilityObjective \
  X(min_ppm) X(group) X(over)
#define MEMBERS_LatencyObjective \
  X(kind) X(percentile_permille) X(max) X(over)
#define MEMBERS_AddedLatencyObjective \
  X(kind) X(percentile_permille) X(max) X(floor_max_permille) X(over)
#define MEMBERS_LagObjective \
  X(max) X(over)
#define MEMBERS_DivergenceObjective \
  X(detect) X(repair)
#define MEMBERS_ResidencyObjective \
  X(key_prefix) X(stay_in)
#define MEMBERS_Objectives \
  X(rpo_max) X(rto) X(availability) X(latency) X(added_latency) X(lag) X(divergence) X(residency)
#define MEMBERS_Expectation \
  X(violates) X(invariants) X(marks)
#define MEMBERS_PlanFacts \
  X(scenario) X(summary) X(seed) X(regions) X(nodes) X(shards) X(groups) X(faults) X(timeline) \
  X(objectives) X(expect) X(clock_offset_max) X(clock_drift_max_ppm)
#define MEMBERS_ObjectiveRow \
  X(name) X(subject) X(held) X(promised) X(measured) X(margin) X(note) X(promised_value) \
  X(measured_value) X(unit) X(fault)
#define MEMBERS_StoryLine \
  X(at) X(who) X(what) X(event)
#define MEMBERS_Finding \
  X(id) X(rule) X(sentence) X(at) X(event) X(story)
#define MEMBERS_InvariantRow \
  X(id) X(held) X(checked)
#define MEMBERS_MarkRow \
  X(name) X(count) X(expected)
#define MEMBERS_RtoPhases \
  X(detect) X(decide) X(fence) X(promote) X(route) X(warm)
#define MEMBERS_Verdict \
  X(conclusion) X(sentence) X(objectives) X(invariants) X(marks) X(findings) \
  X(expectation_met) X(rto_phases) X(acknowledged) X(lost) X(duplicated) X(phantom) \
  X(rpo_time) X(rpo_tail) X(exposure_max) X(rto) X(downtime) X(owed) X(owed_ok) \
  X(impact_operations) X(impact_clients)
#define MEMBERS_Operation \
  X(id) X(kind) X(client) X(group) X(region) X(shard) X(probe) X(key) X(other_key) X(amount) \
  X(expected_version) X(stamp) X(value) X(invoked) X(deadline) X(completed) X(outcome) \
  X(applied) X(duplicate) X(version) X(balance) X(last_operation) X(attempts)
#define MEMBERS_AuditedAccount \
  X(key) X(balance) X(entries)
#define MEMBERS_AuditedRecord \
  X(kind) X(key) X(value) X(operation)
#define MEMBERS_Audit \
  X(region) X(shard) X(complete) X(accounts) X(records)
#define MEMBERS_CodeFailure \
  X(kind) X(node) X(task) X(text) X(at)
#define MEMBERS_FaultOutcome \
  X(letter) X(kind) X(target) X(nodes) X(links) X(began) X(ended) X(end) X(effect) X(unit) \
  X(unmet) X(cause)
#define MEMBERS_Build \
  X(commit) X(compiler) X(type)
// clang-format on

#define TYPES(T)           \
  T(RegionFact)            \
  T(NodeFact)              \
  T(ShardFact)             \
  T(ClientGroupFact)       \
  T(FaultFact)             \
  T(Timeline)              \
  T(RtoObjective)          \
  T(AvailabilityObjective) \
  T(LatencyObjective)      \
  T(AddedLatencyObjective) \
  T(LagObjective)          \
  T(DivergenceObjective)   \
  T(ResidencyObjective)    \
  T(Objectives)            \
  T(Expectation)           \
  T(PlanFacts)             \
  T(ObjectiveRow)          \
  T(StoryLine)             \
  T(Finding)               \
  T(InvariantRow)          \
  T(MarkRow)               \
  T(RtoPhases)             \
  T(Verdict)               \
  T(Operation)             \
  T(AuditedAccount)        \
  T(AuditedRecord)         \
  T(Audit)                 \
  T(FaultOutcome)          \
  T(CodeFailure)           \
  T(Build)

template <class T>
concept Scalar = requires(const T& value) {
  value.ns();
};
template <class T>
concept Tagged = requires(const T& value) {
  typename T::Value;
  value.value();
};

[[noreturn]] void throw_type_error() {
  throw Json::type_error::create(302, "a number out of its range", nullptr);
}

constexpr std::uint8_t last_of(Phase) { return static_cast<std::uint8_t>(Phase::run); }
constexpr std::uint8_t last_of(OperationKind) {
  return static_cast<std::uint8_t>(last_operation_kind);
}
constexpr std::uint8_t last_of(Outcome) { return static_cast<std::uint8_t>(Outcome::info); }
constexpr std::uint8_t last_of(FaultEnd) { return static_cast<std::uint8_t>(FaultEnd::moment); }
constexpr std::uint8_t last_of(Held) { return static_cast<std::uint8_t>(Held::unknown); }
constexpr std::uint8_t last_of(Conclusion) {
  return static_cast<std::uint8_t>(Conclusion::inconclusive);
}

// Forward declarations: the types contain each other.
#define T(type)                  \
  Json write(const type& value); \
  void read(const Json& json, type& value);
TYPES(T)
#undef T

template <class V>
requires(std::is_arithmetic_v<V> || std::is_same_v<V, std::string>) Json write(const V& value) {
  return value;
}
template <class V>
requires(std::is_arithmetic_v<V> || std::is_same_v<V, std::string>) void read(const Json& json,
                                                                              V& value) {
  // A cast would accept what was never written: 3.5 for a count, true for a number, 300 for a byte.
  if constexpr (std::is_same_v<V, bool> || std::is_same_v<V, std::string>) {
    json.get_to(value);
  } else {
    if (!json.is_number_integer()) throw_type_error();
    if constexpr (std::is_unsigned_v<V>) {
      if (!json.is_number_unsigned() || json.get<std::uint64_t>() > std::numeric_limits<V>::max()) {
        throw_type_error();
      }
    }
    value = json.get<V>();
  }
}
template <class V>
requires std::is_enum_v<V> Json write(const V& value) { return static_cast<unsigned>(value); }
template <class V>
requires std::is_enum_v<V>
void read(const Json& json, V& value) {
  std::uint8_t number = 0;
  read(json, number);
  if (number > last_of(value)) throw_type_error();
  value = static_cast<V>(number);
}
template <Scalar V>
Json write(const V& value) {
  return value.ns();
}
template <Scalar V>
void read(const Json& json, V& value) {
  std::int64_t ns = 0;
  read(json, ns);
  value = V(ns);
}
template <Tagged V>
Json write(const V& value) {
  return value.value();
}
template <Tagged V>
void read(const Json& json, V& value) {
  typename V::Value number = 0;
  read(json, number);
  value = V(number);
}
template <class V>
Json write(const std::optional<V>& value) {
  return value ? write(*value) : Json(nullptr);
}
template <class V>
void read(const Json& json, std::optional<V>& value) {
  value.reset();
  if (!json.is_null()) read(json, value.emplace());
}
template <class V>
Json write(const std::vector<V>& values) {
  Json json = Json::array();
  for (const V& value : values) json.push_back(write(value));
  return json;
}
template <class V>
void read(const Json& json, std::vector<V>& values) {
  values.clear();
  for (const Json& item : json.get_ref<const Json::array_t&>()) read(item, values.emplace_back());
}

#define X(member) json[#member] = write(value.member);
#define T(type)                   \
  Json write(const type& value) { \
    Json json = Json::object();   \
    MEMBERS_##type return json;   \
  }
TYPES(T)
#undef T
#undef X

#define X(member) read(json.at(#member), value.member);
#define T(type) \
  void read(const Json& json, type& value) { MEMBERS_##type }
TYPES(T)
#undef T
#undef X

}  // namespace

#define T(type)                                            \
  Json to_json(const type& value) { return write(value); } \
  void from_json(const Json& json, type& value) { read(json, value); }
T(PlanFacts)
T(Verdict)
T(Operation)
T(Audit)
T(FaultOutcome)
T(CodeFailure)
T(Build)
#undef T

}  // namespace blackout::record

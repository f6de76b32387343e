#include "reports/text/event_text.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "reports/text/style.hpp"

namespace blackout::text {
namespace {

struct Sentence {
  EventKind kind;
  std::string_view words;
};

// By kind. {a}, {b} and {c} stand for the event's words, {s} for " of <shard>".
// clang-format off
constexpr auto sentences = std::to_array<Sentence>({
    {EventKind::phase_started, "{a} begins"},
    {EventKind::fault_started, "begins: {a}"},
    {EventKind::fault_ended, "ends: {a}"},
    {EventKind::message_sent, "sends {b} bytes to {a}"},
    {EventKind::message_delivered, "receives {b} bytes from {a} after {c}"},
    {EventKind::message_dropped, "loses a message to {a}: {c}"},
    {EventKind::message_duplicated, "has a message to {a} delivered twice"},
    {EventKind::link_cut, "is cut off towards {a} by {b}"},
    {EventKind::link_healed, "reaches {a} again after {b}"},
    {EventKind::link_degraded, "has a degraded link to {a} by {b}"},
    {EventKind::link_restored, "has its link to {a} restored after {b}"},
    {EventKind::disk_written, "writes {c} bytes to file {a} at {b}, not yet durable"},
    {EventKind::disk_synced, "has {b} more bytes of file {a} on disk after {c}"},
    {EventKind::disk_failed, "gets an error from its disk, file {a}"},
    {EventKind::disk_unsynced_lost, "loses {b} bytes of file {a} that were not on disk"},
    {EventKind::disk_write_torn, "keeps only {c} bytes of a torn write to file {a}"},
    {EventKind::disk_state_set, "has its disk set to another state"},
    {EventKind::node_started, "starts, incarnation {a}"},
    {EventKind::node_stopped, "stops: {a}"},
    {EventKind::node_paused, "is paused"},
    {EventKind::node_resumed, "goes on after a pause"},
    {EventKind::clock_stepped, "has its clock stepped by {a}"},
    {EventKind::clock_drift_set, "has its clock drift by {a} ppm"},
    {EventKind::task_failed, "ends a task by an error"},
    {EventKind::election_timeout, "hears nothing from a leader for {b} in term {a}{s}"},
    {EventKind::role_changed, "becomes {a} in term {b}{s}"},
    {EventKind::vote_cast, "votes for {a} in term {b}{s}"},
    {EventKind::term_persisted, "has term {a} on disk, with its vote for {b}{s}"},
    {EventKind::entry_appended, "appends {a} (term {b}){s}"},
    {EventKind::log_truncated, "drops its entries from {a} on{s}"},
    {EventKind::log_durable, "has everything up to {a} (term {b}) on disk{s}"},
    {EventKind::match_advanced, "believes that {a} has everything up to {b}{s}"},
    {EventKind::commit_advanced, "commits {a} (term {b}){s}"},
    {EventKind::entry_applied, "applies {a}: {b}"},
    {EventKind::log_recovered, "finds its log up to {a} (term {b}) on disk{s}"},
    {EventKind::log_tail_torn, "drops {a} torn bytes at the end of its log"},
    {EventKind::leadership_transfer, "hands leadership of term {b} to {a}{s}"},
    {EventKind::write_acknowledged, "answers success for {a} (entry {b}, term {c})"},
    {EventKind::read_served, "answers {a} from its state as of {b}"},
    {EventKind::request_deduplicated, "answers {a} from what it remembers of entry {b}"},
    {EventKind::request_forwarded, "forwards {a} to {b}"},
    {EventKind::operation_invoked, "sends {a}"},
    {EventKind::operation_retried, "sends {a} again, attempt {b}, to {c}"},
    {EventKind::operation_completed, "ends {a}: {b} after {c}"},
    {EventKind::disk_sync_ignored, "has {b} bytes of file {a} called durable that are not"},
    {EventKind::disk_write_misdirected, "has a write to file {a} at {b} land at {c}"},
    {EventKind::disk_sectors_damaged, "has {c} sectors of file {a} damaged"},
    {EventKind::disk_bit_flipped, "has a bit of file {a} flipped at {b}"},
    {EventKind::disk_replaced, "has its disk replaced: {a} files, {b} bytes are on it"},
    {EventKind::clock_state_set, "has its clock set to another state"},
    {EventKind::message_corrupted, "has {c} bits of a message to {a} flipped"},
    {EventKind::link_held, "has its link to {a} held by {b}"},
    {EventKind::link_released, "has its link to {a} released after {b}"},
    {EventKind::link_flapping, "has a flapping link to {a} by {b}"},
    {EventKind::link_settled, "has its link to {a} settled after {b}"},
    {EventKind::link_reset, "has its connection to {a} reset by {b}"},
    {EventKind::snapshot_taken, "has a snapshot of {b} bytes up to {a} on disk{s}"},
    {EventKind::snapshot_offered, "starts to send {a} a snapshot up to {b}{s}"},
    {EventKind::snapshot_restored, "continues from a snapshot up to {a} (term {b}){s}"},
    {EventKind::member_changed, "makes {a} {b}{s}, by entry {c}"},
    {EventKind::disk_disowned, "had acknowledged up to {a} and has {b}: it gives up its disk{s}"},
    {EventKind::program_changed, "starts with another release of its program, incarnation {a}"},
    {EventKind::encoding_changed, "writes to {a} in encoding {b} from now on"},
    {EventKind::routes_adopted, "goes by routing plan {a}: {b}"},
    {EventKind::request_rerouted, "sends {a} elsewhere, as routing plan {b} has it"},
    {EventKind::lag_received, "exports that {a} received all but {b}{s}"},
    {EventKind::lag_durable, "exports that {a} stored all but {b}{s}"},
    {EventKind::lag_applied, "exports that {a} applied all but {b}{s}"},
    {EventKind::state_corrupted, "has a bit of its state as of {b} flipped by {a}{s}"},
    {EventKind::divergence_found, "finds the state of {a} wrong as of {b}, {c}{s}"},
    {EventKind::replica_quarantined, "serves no more with a state that is wrong as of {a}{s}"},
    {EventKind::replica_repaired, "has the state of {b} in the place of its own as of {a}{s}"},
    {EventKind::request_shed, "refuses {a}{s}, as {b} wait there already"},
});
// clang-format on

constexpr bool one_for_each_kind() {
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    if (static_cast<std::size_t>(sentences[i].kind) != i) return false;
  }
  return sentences.size() == event_kinds;
}
static_assert(one_for_each_kind());

constexpr std::array<std::string_view, 4> phases{"warmup", "chaos", "calm", "audit"};
constexpr std::array<std::string_view, 4> stop_modes{"graceful", "process_crash", "power_loss",
                                                     "out_of_memory"};
constexpr std::array<std::string_view, 3> outcomes{"ok", "refused", "no answer"};
constexpr std::array<std::string_view, 6> operations{"put",      "get",    "cas",
                                                     "transfer", "status", "profile"};
constexpr std::array<std::string_view, 12> drop_reasons{"lost on the way",
                                                        "the link is cut",
                                                        "the queue is full",
                                                        "the receiver is down",
                                                        "the receiver restarted",
                                                        "the mailbox is full",
                                                        "the sender stopped",
                                                        "the link is flapping",
                                                        "the connection was reset",
                                                        "too large for the link",
                                                        "corrupted",
                                                        "it is for nobody"};

constexpr std::array<std::string_view, 5> suffrages{"a learner", "a voter", "an incoming voter",
                                                    "an outgoing voter", "no member"};

template <std::size_t count>
std::string one_of(const std::array<std::string_view, count>& words, std::uint64_t value) {
  return value < count ? std::string(words[value]) : std::to_string(value);
}

std::string operation_text(std::uint64_t id, const record::RunRecord& run) {
  if (id == 0) return "an entry of the protocol";
  if (id > run.history.operations.size()) return fmt::format("operation {}", id);
  const record::Operation& operation = run.history.operations[id - 1];
  return fmt::format("{} {}", one_of(operations, static_cast<std::uint64_t>(operation.kind)),
                     operation.key);
}

std::string fault_named(std::uint64_t index, const record::RunRecord& run) {
  if (index >= run.plan.faults.size()) return fmt::format("fault {}", index);
  return text::fault_text(run.plan.faults[index]);
}

std::string letter_of(std::uint64_t index, const record::RunRecord& run) {
  return index < run.plan.faults.size() ? run.plan.faults[index].letter
                                        : fmt::format("fault {}", index);
}

bool is_fault(EventKind kind) {
  return kind == EventKind::fault_started || kind == EventKind::fault_ended;
}

std::string regions_out(std::uint64_t mask, const record::PlanFacts& plan) {
  std::string names;
  for (std::size_t r = 0; r < plan.regions.size() && r < 64; ++r) {
    if ((mask >> r & 1) != 0) names += (names.empty() ? "" : ", ") + plan.regions[r].name;
  }
  return names.empty() ? "every region serves" : "without " + names;
}

std::string ranges_text(std::uint64_t mask) {
  if (mask == 0) return "in its totals alone";
  std::string text;
  for (int r = 0; r < 64; ++r) {
    if ((mask >> r & 1) != 0) text += (text.empty() ? "in range " : ", ") + std::to_string(r);
  }
  return text;
}

// A word by the form that its name tells (host/base/event.hpp).
std::string word_text(std::string_view name, std::uint64_t value, EventKind kind,
                      const record::RunRecord& run) {
  if (name.ends_with("_node")) return node_name(run.plan, node_of_word(value));
  if (name.ends_with("_ns")) return format_duration(Duration(static_cast<std::int64_t>(value)));
  if (name == "ppm") return std::to_string(static_cast<std::int64_t>(value));
  if (name == "fault") return is_fault(kind) ? fault_named(value, run) : letter_of(value, run);
  if (name == "phase") return one_of(phases, value);
  if (name == "role") return std::string(name_of(static_cast<Role>(value)));
  if (name == "mode") return one_of(stop_modes, value);
  if (name == "reason") return one_of(drop_reasons, value);
  if (name == "outcome") return one_of(outcomes, value);
  if (name == "suffrage") return one_of(suffrages, value);
  if (name == "operation") return operation_text(value, run);
  if (name == "ranges") return ranges_text(value);
  if (name == "out_regions") return regions_out(value, run.plan);
  return std::to_string(value);
}

// One shard needs no name.
std::string shard_text(const Event& event, const record::RunRecord& run) {
  const bool named = run.plan.shards.size() > 1 && event.shard.value() < run.plan.shards.size();
  return named ? " of " + run.plan.shards[event.shard.value()].name : "";
}

}  // namespace

std::string node_name(const record::PlanFacts& plan, NodeId node) {
  if (node == no_node) return "nobody";
  return node.value() < plan.nodes.size() ? plan.nodes[node.value()].name
                                          : fmt::format("node {}", node.value());
}

std::string fault_text(const record::FaultFact& fault) {
  std::string text = fault.kind + " " + fault.target;
  if (!fault.details.empty()) text += ", " + fault.details;
  if (!fault.cause.empty()) text += " (" + fault.cause + ")";
  return text;
}

std::string who_of(const Event& event, const record::RunRecord& run) {
  if (is_fault(event.kind)) return letter_of(event.a, run);
  return event.node == no_node ? "the run" : node_name(run.plan, event.node);
}

std::string event_sentence(const Event& event, const record::RunRecord& run) {
  const EventWords& words = words_of(event.kind);
  return fmt::format(fmt::runtime(sentences[static_cast<std::size_t>(event.kind)].words),
                     fmt::arg("a", word_text(words.a, event.a, event.kind, run)),
                     fmt::arg("b", word_text(words.b, event.b, event.kind, run)),
                     fmt::arg("c", word_text(words.c, event.c, event.kind, run)),
                     fmt::arg("s", shard_text(event, run)));
}

}  // namespace blackout::text

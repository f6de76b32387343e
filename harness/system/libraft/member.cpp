#include "harness/system/libraft/member.hpp"

#include <algorithm>
#include <utility>

#include "sim/guard/guard.hpp"

namespace blackout::system::libraft {
namespace {

constexpr std::size_t jobs_max = 100'000;

// raft_init() asks the environment for LIBRAFT_TRACE, for a tracer that this system replaces.
struct Unguarded {
  Unguarded() : inside(guard::state.inside), owner(guard::state.owner) { guard::leave(); }
  ~Unguarded() {
    if (inside) guard::enter(owner);
  }
  Unguarded(const Unguarded&) = delete;
  Unguarded& operator=(const Unguarded&) = delete;
  bool inside;
  std::uint32_t owner;
};

}  // namespace

Member::Member(env::Environment& environment, Heap& heap, Links& links, Inbox& inbox,
               MemberConfig config)
    : environment_(environment),
      heap_(heap),
      links_(links),
      inbox_(inbox),
      config_(std::move(config)),
      storage_(environment.disk, config_.shard),
      jobs_(environment.tasks, jobs_max) {
  set_hooks();
}

bool Member::open() {
  recovered_ = storage_.open();
  if (!recovered_) return false;
  heap_.enter();
  if (init() != 0 || found() != 0) return false;
  if (raft_start(&raft_) != 0) return false;
  started_ = true;
  recovered_.reset();
  commit_ = raft_.commit_index;
  heard_ = environment_.clock.monotonic();
  observe();
  return true;
}

int Member::init() {
  const std::string address = address_of(id_of(environment_.self));
  {
    const Unguarded reading;
    const int status = raft_init(&raft_, &io_, &fsm_, id_of(environment_.self), address.c_str());
    if (status != 0) return status;
  }
  tracer_.emit = [](raft_tracer*, const char*, int, const char*) {};
  raft_.tracer = &tracer_;
  raft_set_election_timeout(&raft_, config_.election_timeout_ms);
  raft_set_heartbeat_timeout(&raft_, config_.heartbeat_ms);
  raft_set_snapshot_threshold(&raft_, config_.snapshot_entries);
  raft_set_snapshot_trailing(&raft_, config_.snapshot_entries);
  // By default 30 s, during which a follower that misses its snapshot hears nothing at all.
  raft_set_install_snapshot_timeout(&raft_, 5 * config_.election_timeout_ms);
  return 0;
}

int Member::found() {
  if (config_.founding == nullptr || !*config_.founding) return 0;
  raft_configuration configuration;
  raft_configuration_init(&configuration);
  for (const NodeId voter : config_.voters) {
    const raft_id id = id_of(voter);
    const int status =
        raft_configuration_add(&configuration, id, address_of(id).c_str(), RAFT_VOTER);
    if (status != 0) return status;
  }
  const int status = raft_bootstrap(&raft_, &configuration);
  raft_configuration_close(&configuration);
  if (status != 0 && status != RAFT_CANTBOOTSTRAP) return status;
  *config_.founding = false;
  return 0;
}

void Member::receive(NodeId from, Reader& reader) {
  heap_.enter();
  raft_message message{};
  if (!decode(reader, message)) return;
  const std::string address = address_of(id_of(from));
  message.server_id = id_of(from);
  message.server_address = address.c_str();
  if (message.type == RAFT_IO_APPEND_ENTRIES || message.type == RAFT_IO_INSTALL_SNAPSHOT) {
    heard_ = environment_.clock.monotonic();
  }
  inside([&] { receive_(&io_, &message); });
}

void Member::tick_if_due() {
  const Instant now = environment_.clock.monotonic();
  if (now < next_tick_) return;
  // As a repeating timer of an event loop: what was missed is not made up for.
  next_tick_ = std::max(next_tick_ + tick_period_, now);
  inside([&] { tick_(&io_); });
}

void Member::finish_calls() {
  while (!sent_.empty()) {
    for (const Sent& sent : std::exchange(sent_, {})) {
      inside([&] { sent.callback(sent.request, 0); });
    }
  }
  begin_reads();
  mind_role();
}

NodeId Member::leader() {
  raft_id id = 0;
  const char* address = nullptr;
  raft_leader(&raft_, &id, &address);
  return node_of(id);
}

void Member::observe() {
  if (!started_) return;
  observe_role();
  observe_members();
  observe_matches();
  observe_commit();
  observe_applied(raft_.last_applied, 0);
}

void Member::observe_role() {
  const int state = raft_state(&raft_);
  Role role = Role::follower;
  if (state == RAFT_LEADER) role = Role::leader;
  if (state == RAFT_CANDIDATE) {
    role = raft_.candidate_state.in_pre_vote ? Role::pre_candidate : Role::candidate;
  }
  const NodeId now_leads = role == Role::leader ? environment_.self : leader();
  if (role == role_ && raft_.current_term == role_term_ && now_leads == leader_) return;
  const bool stands = role == Role::candidate || role == Role::pre_candidate;
  if (stands) {
    const Duration silence = environment_.clock.monotonic() - heard_;
    report(EventKind::election_timeout, raft_.current_term,
           static_cast<std::uint64_t>(silence.ns()));
  }
  role_ = role;
  role_term_ = raft_.current_term;
  leader_ = now_leads;
  matches_.clear();
  report(EventKind::role_changed, static_cast<std::uint64_t>(role), role_term_, node_word(leader_));
}

// A leader's changes, as they enter its log.
void Member::observe_members() {
  const raft_configuration& now = raft_.configuration;
  for (unsigned i = 0; i < now.n; ++i) {
    const bool votes = now.servers[i].role == RAFT_VOTER;
    const auto [known, first] = votes_.emplace(now.servers[i].id, votes);
    if (first || std::exchange(known->second, votes) == votes || role_ != Role::leader) continue;
    const raft_index index = raft_.configuration_uncommitted_index != 0
                                 ? raft_.configuration_uncommitted_index
                                 : raft_.configuration_index;
    report(EventKind::member_changed, node_word(node_of(now.servers[i].id)), votes ? 1 : 0, index);
  }
}

void Member::observe_matches() {
  if (role_ != Role::leader) return;
  for (unsigned i = 0; i < raft_.configuration.n; ++i) {
    const raft_id id = raft_.configuration.servers[i].id;
    const std::uint64_t match = raft_.leader_state.progress[i].match_index;
    if (id == raft_.id || match <= matches_[id]) continue;
    matches_[id] = match;
    report(EventKind::match_advanced, node_word(node_of(id)), match, log_.at(match).term);
  }
}

void Member::observe_commit() {
  if (raft_.commit_index <= commit_) return;
  commit_ = raft_.commit_index;
  const Chain::Link entry = log_.at(commit_);
  report(EventKind::commit_advanced, commit_, entry.term, entry.chain);
}

// Entries between, and the last where `operation` is 0, are the library's own.
void Member::observe_applied(std::uint64_t index, std::uint64_t operation) {
  while (applied_ < index) {
    ++applied_;
    report(EventKind::entry_applied, applied_, applied_ == index ? operation : 0,
           store_.checksum());
  }
}

}  // namespace blackout::system::libraft

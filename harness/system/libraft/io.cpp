// The library's I/O backend: what its contract says in raft.h and its documentation.
#include <algorithm>
#include <cstring>
#include <utility>

#include "harness/system/libraft/member.hpp"

namespace blackout::system::libraft {

void Member::set_hooks() {
  io_.version = 2;
  io_.impl = this;
  io_.init = [](raft_io*, raft_id, const char*) { return 0; };
  io_.load = [](raft_io* io, raft_term* term, raft_id* vote, raft_snapshot** snapshot,
                raft_index* start, raft_entry** entries,
                size_t* count) { return of(io).load(term, vote, snapshot, start, entries, count); };
  io_.start = [](raft_io* io, unsigned period_ms, raft_io_tick_cb tick,
                 raft_io_recv_cb on_message) {
    Member& self = of(io);
    self.tick_ = tick;
    self.receive_ = on_message;
    self.tick_period_ = milliseconds(std::int64_t{period_ms});
    // Processes do not start in step.
    const auto phase = static_cast<std::int64_t>(
        self.environment_.random.next() % static_cast<std::uint64_t>(self.tick_period_.ns()));
    self.next_tick_ = self.environment_.clock.monotonic() + Duration(phase);
    return 0;
  };
  io_.bootstrap = [](raft_io* io, const raft_configuration* configuration) {
    return of(io).bootstrap(*configuration);
  };
  io_.recover = [](raft_io*, const raft_configuration*) { return RAFT_IOERR; };
  io_.set_term = [](raft_io* io, raft_term term) { return of(io).set_state(term, 0); };
  io_.set_vote = [](raft_io* io, raft_id vote) { return of(io).set_state(of(io).term_, vote); };
  io_.send = [](raft_io* io, raft_io_send* request, const raft_message* message,
                raft_io_send_cb callback) { return of(io).send(request, *message, callback); };
  io_.append = [](raft_io* io, raft_io_append* request, const raft_entry entries[], unsigned count,
                  raft_io_append_cb callback) {
    request->cb = callback;
    return of(io).append(request, entries, count);
  };
  io_.truncate = [](raft_io* io, raft_index index) { return of(io).truncate(index); };
  io_.snapshot_put = [](raft_io* io, unsigned trailing, raft_io_snapshot_put* request,
                        const raft_snapshot* snapshot, raft_io_snapshot_put_cb callback) {
    request->cb = callback;
    return of(io).put(trailing, request, *snapshot);
  };
  io_.snapshot_get = [](raft_io* io, raft_io_snapshot_get* request,
                        raft_io_snapshot_get_cb callback) {
    request->cb = callback;
    Job job(Job::Kind::get);
    job.request = request;
    return of(io).enqueue(std::move(job));
  };
  io_.time = [](raft_io* io) {
    const Duration since = of(io).environment_.clock.monotonic() - Instant(0);
    return static_cast<raft_time>(since.ns() / milliseconds(1).ns());
  };
  io_.random = [](raft_io* io, int min, int max) {
    const auto values = static_cast<std::uint64_t>(max - min) + 1;
    return min + static_cast<int>(of(io).environment_.random.next() % values);
  };
  fsm_.version = 1;
  fsm_.data = this;
  fsm_.apply = [](raft_fsm* fsm, const raft_buffer* command, void** result) {
    return static_cast<Member*>(fsm->data)->apply(*command, result);
  };
  fsm_.snapshot = [](raft_fsm* fsm, raft_buffer** buffers, unsigned* count) {
    return static_cast<Member*>(fsm->data)->snapshot(buffers, count);
  };
  fsm_.restore = [](raft_fsm* fsm, raft_buffer* buffer) {
    return static_cast<Member*>(fsm->data)->restore(*buffer);
  };
}

int Member::load(raft_term* term, raft_id* vote, raft_snapshot** snapshot, raft_index* start,
                 raft_entry** entries, std::size_t* count) {
  *term = term_ = recovered_->term;
  *vote = recovered_->vote;
  *snapshot = recovered_->snapshot ? copy_of(*recovered_->snapshot) : nullptr;
  *start = recovered_->base.index + 1;
  *count = recovered_->entries.size();
  *entries = nullptr;
  LogBase base = recovered_->base;
  if (recovered_->snapshot && recovered_->snapshot->index == base.index) {
    base.chain = chain_of(*recovered_->snapshot);
  }
  log_.reset(base);
  std::size_t bytes = 1;
  for (const Entry& entry : recovered_->entries) bytes += entry.data.size();
  if (*count > 0) {
    *entries = static_cast<raft_entry*>(raft_calloc(*count, sizeof(raft_entry)));
    auto* batch = static_cast<std::uint8_t*>(raft_malloc(bytes));
    raft_entry* entry = *entries;
    for (const Entry& stored : recovered_->entries) {
      log_.set(log_.last() + 1, stored);
      entry->term = stored.term;
      entry->type = stored.type;
      entry->buf = {batch, stored.data.size()};
      entry->batch = (*entries)->buf.base;
      if (!stored.data.empty()) std::memcpy(batch, stored.data.data(), stored.data.size());
      batch += stored.data.size();
      ++entry;
    }
  }
  const Chain::Link last = log_.at(log_.last());
  report(EventKind::log_recovered, log_.last(), last.term, last.chain);
  return 0;
}

int Member::bootstrap(const raft_configuration& configuration) {
  if (recovered_->snapshot || !recovered_->entries.empty() || recovered_->base.index > 0) {
    return RAFT_CANTBOOTSTRAP;
  }
  raft_buffer encoded{};
  const int status = raft_configuration_encode(&configuration, &encoded);
  if (status != 0) return status;
  const auto* data = static_cast<const std::uint8_t*>(encoded.base);
  const Entry entry{1, RAFT_CHANGE, Bytes(data, data + encoded.len)};
  raft_free(encoded.base);
  const bool stored =
      storage_.set_state(1, 0) && storage_.append(1, {&entry, 1}) && storage_.sync();
  heap_.enter();
  if (!stored) return RAFT_IOERR;
  recovered_->term = 1;
  recovered_->entries.push_back(entry);
  return 0;
}

int Member::set_state(std::uint64_t term, std::uint64_t vote) {
  const bool stored = storage_.set_state(term, vote);
  heap_.enter();
  if (!stored) return RAFT_IOERR;
  term_ = term;
  report(EventKind::term_persisted, term, node_word(node_of(vote)));
  return 0;
}

int Member::send(raft_io_send* request, const raft_message& message, raft_io_send_cb callback) {
  NodeId to = message.server_address == nullptr ? no_node : node_of(message.server_id);
  const auto& voters = config_.voters;
  if (std::find(voters.begin(), voters.end(), to) == voters.end()) to = no_node;
  links_.send(to, encode(config_.shard, message));
  heap_.enter();
  if (to != no_node) report_sent(message, to);
  if (callback != nullptr) sent_.push_back({request, callback});
  return 0;
}

void Member::report_sent(const raft_message& message, NodeId to) {
  if (message.type == RAFT_IO_REQUEST_VOTE_RESULT) {
    const raft_request_vote_result& vote = message.request_vote_result;
    if (!vote.vote_granted || vote.pre_vote == raft_tribool_true) return;
    report(EventKind::vote_cast, node_word(to), vote.term);
  } else if (message.type == RAFT_IO_INSTALL_SNAPSHOT) {
    report(EventKind::snapshot_offered, node_word(to), message.install_snapshot.last_index,
           message.install_snapshot.data.len);
  } else if (message.type == RAFT_IO_TIMEOUT_NOW) {
    report(EventKind::leadership_transfer, node_word(to), message.timeout_now.term);
  }
}

// The library says what to append and not where: behind it stands the end of its log in memory.
int Member::append(raft_io_append* request, const raft_entry* entries, unsigned count) {
  Job job(Job::Kind::append);
  job.first = raft_last_index(&raft_) - count + 1;
  job.epoch = epoch_;
  job.request = request;
  if (job.first <= log_.base().index) return RAFT_INVALID;
  if (job.first <= log_.last()) {
    report(EventKind::log_truncated, job.first, raft_.current_term);
  }
  for (unsigned i = 0; i < count; ++i) {
    const auto* data = static_cast<const std::uint8_t*>(entries[i].buf.base);
    job.entries.push_back({entries[i].term, static_cast<std::uint8_t>(entries[i].type),
                           Bytes(data, data + entries[i].buf.len)});
    job.last = log_.set(job.first + i, job.entries.back());
    report(EventKind::entry_appended, job.first + i, job.last.term, job.last.chain);
  }
  return enqueue(std::move(job));
}

int Member::truncate(std::uint64_t index) {
  if (index <= log_.base().index) return RAFT_INVALID;
  if (index > log_.last()) return 0;
  log_.cut(index);
  report(EventKind::log_truncated, index, raft_.current_term);
  Job job(Job::Kind::truncate);
  job.first = index;
  return enqueue(std::move(job));
}

int Member::put(unsigned trailing, raft_io_snapshot_put* request, const raft_snapshot& snapshot) {
  auto image = std::make_shared<Image>();
  image->index = snapshot.index;
  image->term = snapshot.term;
  image->configuration_index = snapshot.configuration_index;
  for (unsigned i = 0; i < snapshot.configuration.n; ++i) {
    const raft_server& server = snapshot.configuration.servers[i];
    image->peers.push_back({server.id, server.role});
  }
  for (unsigned i = 0; i < snapshot.n_bufs; ++i) {
    const auto* data = static_cast<const std::uint8_t*>(snapshot.bufs[i].base);
    image->data.insert(image->data.end(), data, data + snapshot.bufs[i].len);
  }
  Job job(Job::Kind::put);
  job.request = request;
  job.keep_log = trailing > 0;
  if (job.keep_log) {
    const std::uint64_t before = image->index - std::min<std::uint64_t>(image->index, trailing);
    job.base.index = std::max(before, log_.base().index);
    const Chain::Link link = log_.at(job.base.index);
    job.base.term = link.term;
    job.base.chain = link.chain;
  } else {
    job.base = {image->index, image->term, chain_of(*image)};
  }
  job.image = std::move(image);
  return enqueue(std::move(job));
}

raft_snapshot* Member::copy_of(const Image& image) const {
  auto* copy = static_cast<raft_snapshot*>(raft_calloc(1, sizeof(raft_snapshot)));
  copy->index = image.index;
  copy->term = image.term;
  copy->configuration_index = image.configuration_index;
  raft_configuration_init(&copy->configuration);
  for (const Peer& peer : image.peers) {
    const std::string address = address_of(peer.id);
    (void)raft_configuration_add(&copy->configuration, peer.id, address.c_str(), peer.role);
  }
  copy->bufs = static_cast<raft_buffer*>(raft_calloc(1, sizeof(raft_buffer)));
  copy->n_bufs = 1;
  copy->bufs[0] = {raft_malloc(image.data.size()), image.data.size()};
  std::memcpy(copy->bufs[0].base, image.data.data(), image.data.size());
  return copy;
}

}  // namespace blackout::system::libraft

// What clients ask of a member. Writes go through the log; reads wait for a barrier of the log that
// was asked for after they came, one for all that wait.
#include <utility>

#include "harness/system/libraft/member.hpp"

namespace blackout::system::libraft {
namespace {

constexpr std::size_t page_accounts = 256;

std::string_view text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

// In the library's memory: what it calls back with after a free reads as nobody's.
struct Member::Write {
  struct raft_apply request;
  std::uint64_t number;
};

void Member::serve(NodeId client, Request request) {
  const Caller caller{client, request.call, request.operation};
  if (raft_state(&raft_) != RAFT_LEADER) return reply(caller, Status::not_leader);
  if (request.kind == RequestKind::write) return propose(caller, request.body);
  if (request.kind == RequestKind::role) return assign(caller, request.body);
  reads_waiting_.push_back({caller, request.kind, std::move(request.body)});
}

void Member::propose(const Caller& caller, BytesView command) {
  const auto decoded = decode_command(command);
  if (!decoded || decoded->operation != caller.operation) return;
  inside([&] {
    auto* write = static_cast<Write*>(raft_calloc(1, sizeof(Write)));
    write->number = next_write_++;
    write->request.data = this;
    const raft_buffer buffer{raft_malloc(command.size()), command.size()};
    std::copy(command.begin(), command.end(), static_cast<std::uint8_t*>(buffer.base));
    const std::uint64_t number = write->number;
    writes_.emplace(number, caller);
    const int status = ::raft_apply(
        &raft_, &write->request, &buffer, 1, [](struct raft_apply* request, int done, void*) {
          static_cast<Member*>(request->data)->written(reinterpret_cast<Write*>(request), done);
        });
    if (status == 0) return;
    writes_.erase(number);
    raft_free(buffer.base);
    raft_free(write);
    reply(caller, status == RAFT_NOTLEADER ? Status::not_leader : Status::unknown);
  });
}

void Member::written(Write* write, int status) {
  const auto found = writes_.extract(write->number);
  CHECK(!found.empty(), "the library calls back twice for a request");
  raft_free(write);
  const Caller& caller = found.mapped();
  if (status != 0) return reply(caller, Status::unknown);
  report(EventKind::write_acknowledged, caller.operation.value(), applied_, raft_.current_term);
  reply(caller, Status::done, encode(answer_));
}

void Member::begin_reads() {
  if (barrier_begun_ || reads_waiting_.empty()) return;
  reads_begun_ = std::exchange(reads_waiting_, {});
  barrier_begun_ = true;
  inside([&] {
    auto* barrier = static_cast<struct raft_barrier*>(raft_calloc(1, sizeof(struct raft_barrier)));
    barrier->data = this;
    const int status = ::raft_barrier(&raft_, barrier, [](struct raft_barrier* done, int result) {
      auto* self = static_cast<Member*>(done->data);
      raft_free(done);
      self->barrier_done(result);
    });
    if (status == 0) return;
    raft_free(barrier);
    barrier_done(status);
  });
}

void Member::barrier_done(int status) {
  barrier_begun_ = false;
  for (const Read& read : std::exchange(reads_begun_, {})) {
    if (status == 0) {
      answer(read);
    } else {
      reply(read.caller, Status::not_leader);
    }
  }
}

void Member::answer(const Read& read) {
  report(EventKind::read_served, read.caller.operation.value(), applied_, raft_.current_term);
  reply(read.caller, Status::done,
        read.kind == RequestKind::page ? encode(store_.page(text_of(read.body), page_accounts))
                                       : encode(store_.read(text_of(read.body))));
}

void Member::reply(const Caller& caller, Status status, Bytes body) {
  environment_.network.send(caller.client,
                            encode(Reply{caller.call, status, leader(), std::move(body)}));
  heap_.enter();
}

}  // namespace blackout::system::libraft

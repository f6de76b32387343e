// A client of one region: it asks the server that it takes for the leader, and the next nearest one
// where that does not answer or is none, with the same operation id until its deadline.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "harness/system/libraft/store.hpp"
#include "harness/system/libraft/wire.hpp"
#include "harness/system/system.hpp"

namespace blackout::system::libraft {

class ClientSession final : public Session {
 public:
  // `servers` by group: its voters, the nearest first.
  ClientSession(const scenario::Plan& plan, std::vector<std::vector<NodeId>> servers,
                env::Environment& environment, ReplyTime reply_time);

  void perform(record::Operation& operation, Instant deadline, const Haste& haste) override;
  std::optional<std::vector<record::AuditedAccount>> audit(ShardId shard,
                                                           Instant deadline) override;

 private:
  struct Waiting {
    env::TaskId task;
    std::optional<Reply> reply;
  };
  struct Ask {
    Request request;
    Instant deadline;
    Haste haste;
    bool retry = true;
    std::uint32_t attempts = 0;  // made, with those of earlier processes
  };

  [[noreturn]] void receive_for_ever();
  // The body of a reply that is done; nothing where it is not known what became of the request.
  std::optional<Bytes> ask(Ask& ask);
  std::optional<Reply> call(NodeId to, Request& request, Instant deadline);

  const scenario::Plan& plan_;
  std::vector<std::vector<NodeId>> servers_;
  env::Environment& environment_;
  ReplyTime reply_time_;
  std::uint64_t next_call_;
  std::map<std::uint64_t, Waiting> waiting_;
  std::vector<NodeId> leaders_;  // by group: where the last request was done, or no_node
};

}  // namespace blackout::system::libraft

// One server process: the members of its groups behind one loop, one mailbox and one disk.
//
// The loop alone calls the library, as an event loop's thread would; messages, finished disk work
// and ticks come to it one after the other.
#pragma once

#include <memory>
#include <vector>

#include "harness/system/libraft/member.hpp"

namespace blackout::system::libraft {

struct ServerConfig {
  std::vector<MemberConfig> members;  // of the groups that this node votes in
};

class Server : public std::enable_shared_from_this<Server> {
 public:
  Server(env::Environment& environment, const ServerConfig& config);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Until the node stops, or until the library or the disk gives up: then it ends the process.
  // Asked to stop, it hands over what it leads first.
  void run();

 private:
  void start_tasks();
  void receive_for_ever();
  void on_message(const env::Envelope& envelope);
  void on_raft(NodeId from, BytesView payload);
  void on_request(const env::Envelope& envelope);
  [[nodiscard]] Instant next_tick() const;
  // False where the process must end.
  bool turn();
  Member* find(ShardId shard);

  env::Environment& environment_;
  Heap heap_;
  Links links_;
  Inbox inbox_;
  std::vector<std::unique_ptr<Member>> members_;
  bool stopping_ = false;
};

}  // namespace blackout::system::libraft

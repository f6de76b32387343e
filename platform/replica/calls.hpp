// Requests under way from one node, and the tasks that wait for their replies.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "host/env/environment.hpp"
#include "platform/replica/protocol.hpp"

namespace blackout::replica {

class Calls {
 public:
  // Numbers begin anywhere: a reply that was meant for this node before it restarted may still
  // come.
  explicit Calls(env::Environment& environment)
      : environment_(environment), next_(environment.random.next() >> 16) {}
  Calls(const Calls&) = delete;
  Calls& operator=(const Calls&) = delete;

  // Sends `request` (its call number is set here) to `to` and waits for the reply until `deadline`
  // of the node's monotonic clock. Empty at the deadline: the request may or may not have had its
  // effect.
  std::optional<Reply> call(Channel channel, NodeId to, Request& request, Instant deadline) {
    const std::uint64_t number = begin(channel, to, request, deadline);
    std::optional<Reply> reply = await(number, deadline);
    end(number);
    return reply;
  }

  // The same in parts, for a task that may wait on: sends the request, as one that somebody waits
  // for until `deadline`; ...
  std::uint64_t begin(Channel channel, NodeId to, Request& request, Instant deadline) {
    const std::uint64_t number = next_++;
    request.call = number;
    request.budget = deadline - environment_.clock.monotonic();
    waiting_.push_back({number, environment_.tasks.current(), std::nullopt});
    environment_.network.send(to, encode(channel, request));
    return number;
  }
  // ... waits until `until`, as often as one likes, in the task that began; ...
  std::optional<Reply> await(std::uint64_t number, Instant until) {
    // A wake meant for an earlier wait of this task may come late: only the reply or the time
    // counts.
    while (!find(number)->reply && environment_.tasks.park(until)) {
    }
    return std::exchange(find(number)->reply, std::nullopt);
  }
  // ... and waits no more, which every call that was begun comes to.
  void end(std::uint64_t number) { waiting_.erase(find(number)); }

  // Hands a reply to its task; one that nobody waits for any more is dropped.
  void deliver(Reply reply) {
    const auto entry = find(reply.call);
    if (entry == waiting_.end() || entry->reply) return;
    const env::TaskId task = entry->task;
    entry->reply = std::move(reply);
    environment_.tasks.wake(task);
  }

  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Waiting {
    std::uint64_t number;
    env::TaskId task;
    std::optional<Reply> reply;
  };
  // Numbers grow, so the vector is sorted by them.
  std::vector<Waiting>::iterator find(std::uint64_t number) {
    const auto at =
        std::lower_bound(waiting_.begin(), waiting_.end(), number,
                         [](const Waiting& w, std::uint64_t n) { return w.number < n; });
    return at != waiting_.end() && at->number == number ? at : waiting_.end();
  }

  env::Environment& environment_;
  std::uint64_t next_;
  std::vector<Waiting> waiting_;
};

}  // namespace blackout::replica

// What no single event shows of the moment when it happened: whose votes a leader has, whether a
// vote is on its voter's disk and whose log was ahead, which voters have an entry on disk, what had
// been answered before a question was asked.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "reports/record/run_record.hpp"

namespace blackout::text {

struct Note {
  std::string text;  // to be put behind the event's sentence; often empty
  bool gap = false;  // less than the event promises
};

class Ghost {
 public:
  // `run` outlives the ghost.
  explicit Ghost(const record::RunRecord& run);

  // Of an event of the trace; asked in the order of the trace.
  Note note_at(EventId id, const Event& event);

 private:
  struct Replica {
    std::uint64_t term = 0, vote_node = 0;  // on disk
    std::uint64_t durable = 0;              // entries from the first
    std::vector<std::uint64_t> chain;       // hash of each entry's prefix, by index - 1
    std::vector<std::uint64_t> terms;       // of each entry
  };
  struct Answer {
    Instant at;
    std::uint64_t index = 0;
    NodeId node;
  };
  using Place = std::pair<ShardId, NodeId>;

  void read_up_to(EventId id);
  void take(const Event& event);
  Note of_vote(const Event& event);
  Note of_leader(const Event& event);
  Note of_commit(const Event& event);
  Note of_answer(const Event& event);
  Note of_read(const Event& event);
  // The voters that have the entry of `node` at `index` on disk; null where `node` has none there.
  std::optional<std::vector<NodeId>> storing(ShardId shard, NodeId node, std::uint64_t index);
  [[nodiscard]] std::string names(const std::vector<NodeId>& nodes) const;

  const record::RunRecord& run_;
  trace::Cursor cursor_;
  std::map<Place, Replica> replicas_;
  // Voters, in order, by shard, term and candidate.
  std::map<std::tuple<ShardId, std::uint64_t, std::uint64_t>, std::vector<NodeId>> votes_;
  // Of writes, where the index was news; by shard, in order.
  std::map<ShardId, std::vector<Answer>> answers_;
};

}  // namespace blackout::text

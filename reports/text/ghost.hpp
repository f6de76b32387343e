// What no single event shows of the moment when it happened: whose votes a leader has, whether a
// vote is on its voter's disk, how many voters have an entry on disk.
#pragma once

#include <map>
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
  };
  using Place = std::pair<ShardId, NodeId>;

  void read_up_to(EventId id);
  void take(const Event& event);
  Note of_vote(const Event& event);
  Note of_leader(const Event& event);
  Note of_answer(const Event& event);

  const record::RunRecord& run_;
  trace::Cursor cursor_;
  std::map<Place, Replica> replicas_;
  // Voters, in order, by shard, term and candidate.
  std::map<std::tuple<ShardId, std::uint64_t, std::uint64_t>, std::vector<NodeId>> votes_;
};

}  // namespace blackout::text

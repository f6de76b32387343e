#include "sim/trace/recorder.hpp"

namespace blackout::trace {

EventId Recorder::report(EventKind kind, NodeId node, ShardId shard, std::uint64_t a,
                         std::uint64_t b, std::uint64_t c) {
  const EventId id =
      trace_.append(Event{kernel_.now(), kernel_.cause(), kind, node, shard, a, b, c});
  kernel_.set_cause(id);
  return id;
}

}  // namespace blackout::trace

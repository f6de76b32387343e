#include "sim/trace/recorder.hpp"

namespace blackout::trace {

EventId Recorder::report(EventKind kind, NodeId node, ShardId shard, std::uint64_t a,
                         std::uint64_t b, std::uint64_t c) {
  if (trace_.size() + 1 == break_id_) [[unlikely]]
    break_action_();
  const Event event{kernel_.now(), kernel_.cause(), kind, node, shard, a, b, c};
  const EventId id = trace_.append(event);
  kernel_.set_cause(id);
  if (watched_[static_cast<std::size_t>(kind)]) [[unlikely]]
    watcher_(event, id);
  return id;
}

void Recorder::watch(const KindSet& kinds, Watcher watcher) {
  watched_ = kinds;
  watcher_ = std::move(watcher);
}

void Recorder::break_before(EventId id, std::function<void()> action) {
  break_id_ = id.value();
  break_action_ = std::move(action);
}

}  // namespace blackout::trace

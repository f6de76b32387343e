#include "models/node/watch.hpp"

#include <utility>

namespace blackout::node {

void Watch::send(NodeId to, Bytes message) {
  host_.passed(Moment::before_send);
  network_.send(to, std::move(message));
  host_.passed(Moment::after_send);
}

Result<void, env::DiskError> Watch::sync(env::FileId file) {
  host_.passed(Moment::before_persist);
  auto done = disk_.sync(file);
  if (done.ok()) host_.passed(Moment::after_persist);
  return done;
}

}  // namespace blackout::node

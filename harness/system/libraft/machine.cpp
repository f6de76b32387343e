// The library's state machine: the store, and in its snapshots where in the log they stand.
#include <cstring>
#include <utility>

#include "harness/system/libraft/member.hpp"

namespace blackout::system::libraft {
namespace {

LogBase place_of(Reader& reader) {
  LogBase place;
  place.index = reader.u64();
  place.term = reader.u64();
  place.chain = reader.u64();
  return place;
}

}  // namespace

std::uint64_t Member::chain_of(const Image& image) {
  Reader reader(image.data);
  return place_of(reader).chain;
}

// In this version of the library the index is raised after the call.
int Member::apply(const raft_buffer& buffer, void** result) {
  observe();
  const std::uint64_t index = raft_.last_applied + 1;
  const auto command = decode_command({static_cast<const std::uint8_t*>(buffer.base), buffer.len});
  CHECK(command.has_value(), "a committed entry does not decode");
  answer_ = store_.apply(*command);
  if (answer_.duplicate) {
    report(EventKind::request_deduplicated, command->operation.value(), index);
  }
  observe_applied(index, command->operation.value());
  *result = &answer_;
  return 0;
}

int Member::snapshot(raft_buffer** buffers, unsigned* count) {
  const std::uint64_t index = raft_.last_applied;
  const Chain::Link link = log_.at(index);
  Bytes data;
  Writer writer(data);
  writer.u64(index);
  writer.u64(link.term);
  writer.u64(link.chain);
  store_.encode(writer);
  *buffers = static_cast<raft_buffer*>(raft_calloc(1, sizeof(raft_buffer)));
  **buffers = {raft_malloc(data.size()), data.size()};
  std::memcpy((*buffers)->base, data.data(), data.size());
  *count = 1;
  return 0;
}

int Member::restore(raft_buffer& buffer) {
  Reader reader({static_cast<const std::uint8_t*>(buffer.base), buffer.len});
  const LogBase place = place_of(reader);
  auto store = Store::decode(reader);
  CHECK(store.has_value(), "a snapshot does not decode");
  raft_free(buffer.base);
  store_ = std::move(*store);
  applied_ = place.index;
  report(EventKind::snapshot_restored, place.index, place.term, place.chain);
  if (started_) report(EventKind::log_durable, place.index, place.term, place.chain);
  return 0;
}

}  // namespace blackout::system::libraft

#include "harness/system/libraft/links.hpp"

#include <algorithm>
#include <utility>

namespace blackout::system::libraft {

void Links::send(NodeId to, BytesView payload) {
  Bytes out;
  out.reserve(payload.size() + 24);
  Writer writer(out);
  writer.u8(kind_);
  writer.u8(static_cast<std::uint8_t>(Frame::data));
  if (to != no_node) {
    Outgoing& outgoing = outgoing_[to];
    if (outgoing.name == 0) outgoing = {environment_.random.next() | 1, 0};
    writer.u64(outgoing.name);
    writer.varint(outgoing.next++);
  }
  writer.raw(payload);
  environment_.network.send(to, std::move(out));
}

void Links::receive(NodeId from, BytesView message, const std::function<void(BytesView)>& deliver) {
  Reader reader(message);
  reader.u8();
  const auto frame = static_cast<Frame>(reader.u8());
  const std::uint64_t name = reader.u64();
  if (!reader.ok()) return;
  if (frame == Frame::closed) {
    Outgoing& outgoing = outgoing_[from];
    if (outgoing.name == name) outgoing = {};
    return;
  }
  const std::uint64_t number = reader.varint();
  const BytesView payload = reader.raw(reader.left());
  if (!reader.ok()) return;
  Incoming& incoming = incoming_[from];
  if (std::find(incoming.ended.begin(), incoming.ended.end(), name) != incoming.ended.end()) {
    return reset(from, name);
  }
  if (incoming.name != name) {
    end(incoming);
    incoming.name = name;
    incoming.next = 0;
  }
  if (number < incoming.next) return;
  if (number > incoming.next) {
    if (incoming.early.empty()) incoming.waits_since = environment_.clock.monotonic();
    incoming.early.emplace(number, Bytes(payload.begin(), payload.end()));
    if (incoming.early.size() > early_max) close(from, incoming);
    return;
  }
  ++incoming.next;
  deliver(payload);
  while (!incoming.early.empty() && incoming.early.begin()->first == incoming.next) {
    const Bytes next = std::move(incoming.early.begin()->second);
    incoming.early.erase(incoming.early.begin());
    ++incoming.next;
    incoming.waits_since = environment_.clock.monotonic();
    deliver(next);
  }
}

void Links::close_gaps() {
  const Instant now = environment_.clock.monotonic();
  for (auto& [from, incoming] : incoming_) {
    if (!incoming.early.empty() && now - incoming.waits_since >= gap_max) close(from, incoming);
  }
}

void Links::close(NodeId from, Incoming& incoming) {
  reset(from, incoming.name);
  end(incoming);
}

void Links::reset(NodeId from, std::uint64_t name) {
  Bytes out;
  Writer writer(out);
  writer.u8(kind_);
  writer.u8(static_cast<std::uint8_t>(Frame::closed));
  writer.u64(name);
  environment_.network.send(from, std::move(out));
}

void Links::end(Incoming& incoming) {
  if (incoming.name != 0) incoming.ended.push_back(incoming.name);
  if (incoming.ended.size() > ended_max) incoming.ended.erase(incoming.ended.begin());
  incoming.name = 0;
  incoming.next = 0;
  incoming.early.clear();
}

}  // namespace blackout::system::libraft

#include "harness/system/libraft/heap.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "host/base/check.hpp"

namespace blackout::system::libraft {
namespace {

constexpr std::size_t chunk_bytes = 64 * 1024;
constexpr std::uint8_t freed_byte = 0xDD;
constexpr std::uint64_t in_use = 0x6576'696C'206E'6F74, is_free = 0x6565'7266'2073'6920;

Heap& heap_of(void* data) { return *static_cast<Heap*>(data); }

}  // namespace

struct alignas(16) Heap::Header {
  std::uint64_t state;
  std::uint64_t size;  // of the payload, as it was asked for
};

Heap::Heap() : hooks_{} {
  hooks_.data = this;
  hooks_.malloc = [](void* data, size_t size) { return heap_of(data).take(size); };
  hooks_.free = [](void* data, void* payload) { heap_of(data).give_back(payload); };
  hooks_.calloc = [](void* data, size_t count, size_t size) {
    return std::memset(heap_of(data).take(count * size), 0, count * size);
  };
  hooks_.realloc = [](void* data, void* payload, size_t size) {
    void* moved = heap_of(data).take(size);
    if (payload == nullptr) return moved;
    const std::uint64_t held = (static_cast<Header*>(payload) - 1)->size;
    std::memcpy(moved, payload, std::min<std::uint64_t>(held, size));
    heap_of(data).give_back(payload);
    return moved;
  };
  // Only for direct writes of the library's own disk backend, which this system does not use.
  hooks_.aligned_alloc = [](void*, size_t, size_t) -> void* { return nullptr; };
  hooks_.aligned_free = [](void*, size_t, void*) {};
}

void* Heap::take(std::size_t size) {
  const std::size_t bytes = std::bit_ceil(std::max<std::size_t>(size, 16));
  const auto kind = static_cast<std::size_t>(std::countr_zero(bytes));
  CHECK(kind < classes, "the library asks for " + std::to_string(size) + " bytes");
  if (free_[kind].empty()) free_[kind].push_back(carve(sizeof(Header) + bytes) + sizeof(Header));
  void* payload = free_[kind].back();
  free_[kind].pop_back();
  *(static_cast<Header*>(payload) - 1) = {in_use, size};
  return payload;
}

void Heap::give_back(void* payload) {
  if (payload == nullptr) return;
  Header& header = *(static_cast<Header*>(payload) - 1);
  CHECK(header.state != is_free, "the library frees a block twice");
  CHECK(header.state == in_use, "the library frees what it was not given, or wrote before it");
  std::memset(payload, freed_byte, header.size);
  header.state = is_free;
  const std::size_t bytes = std::bit_ceil(std::max<std::size_t>(header.size, 16));
  free_[static_cast<std::size_t>(std::countr_zero(bytes))].push_back(payload);
}

std::uint8_t* Heap::carve(std::size_t bytes) {
  if (bytes > left_) {
    const std::size_t size = std::max(bytes, chunk_bytes);
    chunks_.push_back(std::make_unique<std::uint8_t[]>(size));
    next_ = chunks_.back().get();
    left_ = size;
  }
  left_ -= bytes;
  return std::exchange(next_, next_ + bytes);
}

}  // namespace blackout::system::libraft

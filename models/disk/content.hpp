// The bytes of the files of one disk, in blocks: a file that grows is never copied.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "host/base/bytes.hpp"
#include "host/base/large_array.hpp"

namespace blackout::disk {

// The blocks of one disk. A disk with little on it stays small, a full one stands on huge pages.
class Blocks {
 public:
  static constexpr std::uint64_t block_bytes = 64 * 1024;

  Blocks() = default;
  Blocks(const Blocks&) = delete;
  Blocks& operator=(const Blocks&) = delete;

  // What is in a block that is taken has no meaning.
  std::uint8_t* take() {
    if (free_.empty()) grow();
    std::uint8_t* const block = free_.back();
    free_.pop_back();
    return block;
  }
  void give(std::uint8_t* block) { free_.push_back(block); }

 private:
  void grow() {
    constexpr std::size_t small_slabs = 16, large_slab_blocks = huge_page_bytes / block_bytes;
    const std::size_t count = slabs_.size() < small_slabs ? 1 : large_slab_blocks;
    slabs_.push_back(make_large_array<std::uint8_t>(count * block_bytes));
    for (std::size_t i = count; i-- > 0;) free_.push_back(slabs_.back().get() + i * block_bytes);
  }

  std::vector<LargeArray<std::uint8_t>> slabs_;
  std::vector<std::uint8_t*> free_;
};

// The bytes of one file. `blocks` outlives it.
class Content {
 public:
  explicit Content(Blocks& blocks) : pool_(&blocks) {}

  [[nodiscard]] std::uint64_t size() const { return size_; }

  // Cuts the file, or extends it with zeros.
  void resize(std::uint64_t size) {
    const std::uint64_t before = std::exchange(size_, size);
    fit();
    for (std::uint64_t at = before; at < size;) {
      const Span span = span_at(at, size - at);
      std::fill_n(span.bytes, span.size, std::uint8_t{0});
      at += span.size;
    }
  }

  // Extends the file if `bytes` reach beyond its end; a gap before them is filled with zeros.
  void write(std::uint64_t offset, BytesView bytes) {
    if (offset > size_) resize(offset);
    size_ = std::max<std::uint64_t>(size_, offset + bytes.size());
    fit();
    while (!bytes.empty()) {
      const Span span = span_at(offset, bytes.size());
      std::copy_n(bytes.data(), span.size, span.bytes);
      bytes = bytes.subspan(span.size);
      offset += span.size;
    }
  }

  // `size` bytes from `offset`, all inside the file.
  [[nodiscard]] Bytes read(std::uint64_t offset, std::uint64_t size) {
    Bytes bytes;
    bytes.reserve(size);
    while (bytes.size() < size) {
      const Span span = span_at(offset + bytes.size(), size - bytes.size());
      bytes.insert(bytes.end(), span.bytes, span.bytes + span.size);
    }
    return bytes;
  }

 private:
  static constexpr std::uint64_t block_bytes = Blocks::block_bytes;
  struct Give {
    Blocks* pool = nullptr;
    void operator()(std::uint8_t* block) const { pool->give(block); }
  };
  using Block = std::unique_ptr<std::uint8_t, Give>;
  struct Span {
    std::uint8_t* bytes;
    std::uint64_t size;
  };

  // What one block holds of the range.
  Span span_at(std::uint64_t offset, std::uint64_t size) {
    const std::uint64_t at = offset % block_bytes;
    return {blocks_[offset / block_bytes].get() + at, std::min(size, block_bytes - at)};
  }

  void fit() {
    const std::uint64_t count = (size_ + block_bytes - 1) / block_bytes;
    while (blocks_.size() < count) blocks_.push_back(Block(pool_->take(), Give{pool_}));
    while (blocks_.size() > count) blocks_.pop_back();
  }

  Blocks* pool_;
  std::vector<Block> blocks_;
  std::uint64_t size_ = 0;
};

}  // namespace blackout::disk

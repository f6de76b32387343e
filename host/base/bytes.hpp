// Bytes, and the little-endian field-by-field codec of every message, log record and file.
//
// Writer appends; Reader consumes and turns sticky-bad at the first read past the end or malformed
// varint: it then returns zeros, so a decoder checks ok() once, at its end. Nothing is ever copied
// as a whole struct: padding would reach a disk, a hash or the wire.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace blackout {
inline namespace base {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

// gcc 12 takes the growth of a vector that it can see is empty for an overflow.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#endif
class Writer {
 public:
  explicit Writer(Bytes& out) : out_(out) {}
  void u8(std::uint8_t value) { out_.push_back(value); }
  void u16(std::uint16_t value) { fixed(value); }
  void u32(std::uint32_t value) { fixed(value); }
  void u64(std::uint64_t value) { fixed(value); }
  // LEB128, at most ten bytes.
  void varint(std::uint64_t value) {
    while (value >= 0x80) {
      out_.push_back(static_cast<std::uint8_t>(value | 0x80));
      value >>= 7;
    }
    out_.push_back(static_cast<std::uint8_t>(value));
  }
  // Zigzag, then LEB128.
  void signed_varint(std::int64_t value) {
    varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void raw(BytesView bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  // Length as varint, then the bytes.
  void blob(BytesView bytes) {
    varint(bytes.size());
    raw(bytes);
  }
  void text(std::string_view value) {
    blob({reinterpret_cast<const std::uint8_t*>(value.data()), value.size()});
  }

 private:
  template <class T>
  void fixed(T value) {
    std::uint8_t bytes[sizeof(T)];
    for (std::size_t i = 0; i < sizeof(T); ++i)
      bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
    out_.insert(out_.end(), bytes, bytes + sizeof(T));
  }

  Bytes& out_;
};
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

class Reader {
 public:
  explicit Reader(BytesView in) : in_(in) {}
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t left() const { return in_.size() - at_; }
  [[nodiscard]] std::size_t position() const { return at_; }

  std::uint8_t u8() { return fixed<std::uint8_t>(); }
  std::uint16_t u16() { return fixed<std::uint16_t>(); }
  std::uint32_t u32() { return fixed<std::uint32_t>(); }
  std::uint64_t u64() { return fixed<std::uint64_t>(); }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at_ == in_.size()) break;
      const std::uint8_t byte = in_[at_++];
      if (shift == 63 && byte > 1) break;
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    fail();
    return 0;
  }
  std::int64_t signed_varint() {
    const std::uint64_t value = varint();
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
  }
  // The next `size` bytes in place: valid as long as the input is. Empty after a failure.
  BytesView raw(std::size_t size) {
    if (!ok_ || size > left()) {
      fail();
      return {};
    }
    const BytesView out = in_.subspan(at_, size);
    at_ += size;
    return out;
  }
  BytesView blob() { return raw(varint()); }
  std::string text() {
    const BytesView view = blob();
    return {reinterpret_cast<const char*>(view.data()), view.size()};
  }

 private:
  template <class T>
  T fixed() {
    if (!ok_ || left() < sizeof(T)) {
      fail();
      return 0;
    }
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) value |= static_cast<T>(T{in_[at_ + i]} << (8 * i));
    at_ += sizeof(T);
    return value;
  }
  void fail() {
    ok_ = false;
    at_ = in_.size();
  }

  BytesView in_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace base
}  // namespace blackout

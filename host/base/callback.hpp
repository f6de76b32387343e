// Callback: a move-only function object held in 48 inline bytes; it never allocates.
//
// What it captures must fit (checked at compile time) and move without throwing. Calling an empty
// callback fails a CHECK. std::function is not used for events: it allocates for captures over 16
// bytes, in an address order that the simulation does not control.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include "host/base/check.hpp"

namespace blackout {
inline namespace base {

class Callback {
 public:
  static constexpr std::size_t inline_bytes = 48;

  Callback() = default;
  template <class F>
  requires(!std::is_same_v<std::decay_t<F>, Callback>) Callback(F&& function) {
    using Stored = std::decay_t<F>;
    static_assert(sizeof(Stored) <= inline_bytes, "captures at most 48 bytes");
    static_assert(alignof(Stored) <= alignof(std::max_align_t));
    static_assert(std::is_nothrow_move_constructible_v<Stored>);
    new (storage_) Stored(std::forward<F>(function));
    operations_ = &operations_of<Stored>;
  }
  Callback(Callback&& other) noexcept { take(other); }
  Callback& operator=(Callback&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  Callback(const Callback&) = delete;
  Callback& operator=(const Callback&) = delete;
  ~Callback() { reset(); }

  void operator()() {
    CHECK(operations_ != nullptr);
    operations_->call(storage_);
  }
  explicit operator bool() const { return operations_ != nullptr; }
  void reset() {
    if (operations_ != nullptr) std::exchange(operations_, nullptr)->destroy(storage_);
  }

 private:
  struct Operations {
    void (*call)(void*);
    void (*move)(void* from, void* to);  // leaves `from` destroyed
    void (*destroy)(void*);
  };
  template <class F>
  static constexpr Operations operations_of{[](void* self) { (*static_cast<F*>(self))(); },
                                            [](void* from, void* to) {
                                              new (to) F(std::move(*static_cast<F*>(from)));
                                              static_cast<F*>(from)->~F();
                                            },
                                            [](void* self) { static_cast<F*>(self)->~F(); }};

  void take(Callback& other) {
    operations_ = std::exchange(other.operations_, nullptr);
    if (operations_ != nullptr) operations_->move(other.storage_, storage_);
  }

  const Operations* operations_ = nullptr;
  alignas(std::max_align_t) unsigned char storage_[inline_bytes];
};

}  // namespace base
}  // namespace blackout

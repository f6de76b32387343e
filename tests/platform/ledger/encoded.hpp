// What holds of the encoding of every state.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "platform/ledger/ledger.hpp"

namespace blackout::ledger {

// A state decoded after half of the commands answers all of them as the one it was encoded from.
inline void decoded_goes_on(const std::vector<Command>& commands) {
  Ledger original;
  for (std::size_t i = 0; i < commands.size() / 2; ++i) original.apply(commands[i]);
  Bytes bytes;
  original.encode(bytes);
  std::optional<Ledger> copy = Ledger::decode(bytes);
  ASSERT_TRUE(copy.has_value());
  ASSERT_EQ(copy->checksum(), original.checksum());
  ASSERT_EQ(copy->money_posted(), original.money_posted());
  for (const Command& command : commands) {
    ASSERT_EQ(copy->apply(command), original.apply(command));
    ASSERT_EQ(copy->checksum(), original.checksum());
  }
}

// One that is cut short is refused; one with a wrong byte is, or has another checksum.
inline void damaged_is_refused(const Ledger& original) {
  Bytes bytes;
  original.encode(bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_FALSE(Ledger::decode(BytesView(bytes).first(size)).has_value()) << size;
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    Bytes damaged = bytes;
    damaged[i] ^= 0x41;
    const std::optional<Ledger> decoded = Ledger::decode(damaged);
    ASSERT_TRUE(!decoded || decoded->checksum() != original.checksum()) << i;
  }
}

}  // namespace blackout::ledger

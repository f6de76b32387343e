#include <gtest/gtest.h>
#include <stdio.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>

#include "host/fiber/fiber.hpp"

// The debugger sets a breakpoint here.
extern "C" [[gnu::noinline]] void blackout_debugger_stop() { asm volatile(""); }

namespace blackout::fiber {
namespace {

// In functions of their own: the debugger finds them by name.
[[gnu::noinline]] void waits_for_an_answer(Pool& pool) {
  pool.suspend();
  asm volatile("");
}
[[gnu::noinline]] void waits_for_the_disk(Pool& pool) {
  waits_for_an_answer(pool);
  asm volatile("");
}

// What the debugger looks at.
TEST(DebuggerSubject, HasThreeFibersSuspendedAtOneInstant) {
  Pool pool(Options{.fibers_max = 8});
  pool.resume(pool.create([&] { waits_for_an_answer(pool); }, 3, "gateway"));
  pool.resume(pool.create([] {}, 3, "ended"));
  pool.resume(pool.create([&] { waits_for_the_disk(pool); }, 4, "log"));
  pool.create([] {}, 5, "fresh");
  blackout_debugger_stop();
  EXPECT_EQ(pool.alive_count(), 3U);
}

std::string output_of(const std::string& command) {
  std::string output;
  FILE* const pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return output;
  std::array<char, 4096> buffer;
  while (const std::size_t bytes = ::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), bytes);
  }
  ::pclose(pipe);
  return output;
}

void expect_the_three_fibers(const std::string& output) {
  const std::size_t gateway = output.find("task gateway of node 3");
  const std::size_t log = output.find("task log of node 4");
  const std::size_t fresh = output.find("task fresh of node 5");
  ASSERT_TRUE(gateway < log && log < fresh && fresh != std::string::npos) << output;
  const std::string of_gateway = output.substr(gateway, log - gateway);
  const std::string of_log = output.substr(log, fresh - log);
  EXPECT_NE(of_gateway.find("waits_for_an_answer"), std::string::npos) << output;
  EXPECT_EQ(of_gateway.find("waits_for_the_disk"), std::string::npos) << output;
  const std::size_t inner = of_log.find("waits_for_an_answer");
  const std::size_t outer = of_log.find("waits_for_the_disk");
  EXPECT_TRUE(inner < outer && outer != std::string::npos) << output;
  EXPECT_EQ(output.find("task ended"), std::string::npos) << output;
  EXPECT_NE(output.find("3 suspended"), std::string::npos) << output;
}

const std::string gdb = "gdb --nx --batch -iex 'set debuginfod enabled off' -x " BLACKOUT_SOURCE_DIR
                        "/tools/gdb/blackout_gdb.py ";
std::string program() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

// Runs this program up to where the subject's fibers are suspended, then `commands`.
std::string gdb_at_the_subject(const std::string& commands) {
  return output_of(gdb + "-ex 'break blackout_debugger_stop' -ex run " + commands + " --args " +
                   program() + " --gtest_filter='DebuggerSubject.*'");
}

class Debugger : public testing::Test {
 protected:
  void SetUp() override {
    if (output_of("gdb --version").find("GNU gdb") == std::string::npos) {
      GTEST_SKIP() << "gdb is not installed";
    }
    if (gdb_at_the_subject("").find("ptrace: ") != std::string::npos) {
      GTEST_SKIP() << "ptrace is not permitted";
    }
  }
};

TEST_F(Debugger, ShowsSuspendedFibersOfALiveProcess) {
  expect_the_three_fibers(gdb_at_the_subject("-ex blackout-fibers"));
}

TEST_F(Debugger, ShowsSuspendedFibersOfACore) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "a core would hold the terabytes of AddressSanitizer's shadow";
#endif
  const std::string core = testing::TempDir() + "blackout_core." + std::to_string(::getpid());
  gdb_at_the_subject("-ex 'gcore " + core + "'");
  const std::string output = output_of(gdb + "-ex blackout-fibers " + program() + " " + core);
  std::filesystem::remove(core);
  expect_the_three_fibers(output);
}

}  // namespace
}  // namespace blackout::fiber

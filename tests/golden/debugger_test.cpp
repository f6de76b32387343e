// `replay --break` below gdb, with the helper: who waits where, and what each node says of itself.
#include "tests/golden/program.hpp"

namespace blackout {
namespace {

std::string gdb(const Folder& folder, const std::string& commands) {
  return shell(folder.path(), "gdb --nx --batch -iex 'set debuginfod enabled off' -x '" +
                                  (source / "tools/gdb/blackout_gdb.py").string() + "' " + commands)
      .text;
}

TEST(Debugger, ShowsTheFibersAndTheStateOfEveryNodeAtAnEvent) {
  const Folder folder;
  if (shell(folder.path(), "gdb --version").code != 0) GTEST_SKIP() << "gdb is not installed";
  ASSERT_EQ(shell(folder.path(), "blackout run files/small.json --seed 1").code, 0);
  const std::string output = gdb(folder,
                                 "-ex run -ex blackout-fibers -ex blackout-state -ex "
                                 "'blackout-state 1' --args blackout replay "
                                 "latest --break e5000");
  if (output.find("ptrace: ") != std::string::npos) GTEST_SKIP() << "ptrace is not permitted";
  EXPECT_NE(output.find("task persist of node 0"), std::string::npos) << output;
  EXPECT_NE(output.find("\nnode 0, "), std::string::npos) << output;
  EXPECT_NE(output.find(R"("role":"leader")"), std::string::npos) << output;
  EXPECT_NE(output.find(" nodes\n"), std::string::npos) << output;
  std::size_t of_node_1 = 0;
  for (std::size_t at = 0; (at = output.find("\nnode 1, ", at)) != std::string::npos; ++at) {
    ++of_node_1;
  }
  EXPECT_EQ(of_node_1, 2u) << output;
}

TEST(Debugger, SaysThatThereAreNoNodesToAskWithoutAProcess) {
  const Folder folder;
  if (shell(folder.path(), "gdb --version").code != 0) GTEST_SKIP() << "gdb is not installed";
  const std::string output = gdb(folder, "-ex blackout-state '" + program.string() + "'");
  EXPECT_NE(output.find("no nodes to ask: "), std::string::npos) << output;
}

}  // namespace
}  // namespace blackout

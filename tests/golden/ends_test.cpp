// How runs end that do not end well: the code under test dies, a process is killed, Ctrl-C.
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <set>

#include "tests/golden/program.hpp"

namespace blackout {
namespace {

// Runs until it is told not to, in a process group of its own.
constexpr const char* endless =
    "files/small.json --seed 1..100000 --keep all --check-replay --progress none";

// `blackout run ARGUMENTS` in the folder, its temporary files in `temporary` there.
class Running {
 public:
  Running(const fs::path& folder, const std::string& arguments) {
    fs::create_directory(folder / "temporary");
    const std::string command = "cd '" + folder.string() + "' && TMPDIR=\"$PWD/temporary\" exec '" +
                                program.string() + "' run " + arguments + " >printed 2>&1";
    process_ = fork();
    if (process_ != 0) return;
    setpgid(0, 0);
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
  }
  // As the terminal sends it: to the program and all that it started.
  void signal_all(int number) const { kill(-process_, number); }
  void signal_program(int number) const { kill(process_, number); }
  [[nodiscard]] pid_t process() const { return process_; }

  // The exit code; -1 if a signal ended the program.
  [[nodiscard]] int wait() const {
    int status = 0;
    waitpid(process_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  // Some process of the group that does not come to its end; what only waits for init to read its
  // exit code has.
  [[nodiscard]] bool anyone_left() const {
    for (int look = 0; look < 500 && alive(); ++look) usleep(2'000);
    return alive();
  }

 private:
  [[nodiscard]] bool alive() const {
    std::error_code gone;
    for (const auto& entry : fs::directory_iterator("/proc")) {
      if (!fs::exists(entry.path() / "stat", gone)) continue;
      std::ifstream stat(entry.path() / "stat");
      std::string id, name, state, parent, group;
      stat >> id >> name >> state >> parent >> group;
      if (group == std::to_string(process_) && state != "Z" && state != "X") return true;
    }
    return false;
  }

  pid_t process_ = 0;
};

void wait_for_records(const fs::path& folder) {
  while (!fs::exists(folder / "blackout-out" / "latest")) usleep(2'000);
}

// Every folder of records is whole, and there is nothing else.
void expect_tidy(const fs::path& folder) {
  EXPECT_TRUE(fs::is_empty(folder / "temporary"));
  for (const auto& run : fs::directory_iterator(folder / "blackout-out" / "small")) {
    std::set<std::string> files;
    for (const auto& file : fs::directory_iterator(run)) files.insert(file.path().filename());
    EXPECT_TRUE(run.path().filename().string().starts_with("0x")) << run.path();
    EXPECT_EQ(files, (std::set<std::string>{"history.jsonl", "record.json", "trace.bin"}));
  }
}

class Ends : public testing::TestWithParam<const char*> {
 protected:
  std::string arguments() const { return std::string(endless) + GetParam(); }
  Folder folder_;
};

TEST_P(Ends, TheFirstCtrlCLetsRunsFinishAndPrintsTheSummary) {
  const Running running(folder_.path(), arguments());
  wait_for_records(folder_.path());
  running.signal_all(SIGINT);
  EXPECT_EQ(running.wait(), 130);
  expect_tidy(folder_.path());
  const std::string printed = shell(folder_.path(), "cat printed").text;
  EXPECT_NE(printed.find("SUMMARY"), std::string::npos) << printed;
  EXPECT_NE(printed.find("blackout: interrupted after"), std::string::npos) << printed;
}

TEST_P(Ends, TheSecondCtrlCLeavesNothingBehind) {
  const Running running(folder_.path(), arguments());
  wait_for_records(folder_.path());
  running.signal_all(SIGINT);
  running.signal_all(SIGTERM);
  EXPECT_EQ(running.wait(), 130);
  EXPECT_FALSE(running.anyone_left());
  expect_tidy(folder_.path());
}

INSTANTIATE_TEST_SUITE_P(, Ends, testing::Values("", " --jobs 2"), [](const auto& test) {
  return std::string(*test.param == 0 ? "InOneProcess" : "InSeveral");
});

std::string child_of(pid_t parent) {
  const std::string list = "/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent);
  return shell("/", "cut -d ' ' -f 1 " + list + "/children").text;
}

TEST(KilledWorker, IsReportedAndLeavesNothingBehind) {
  const Folder folder;
  const Running running(folder.path(), std::string(endless) + " --jobs 2");
  wait_for_records(folder.path());
  pid_t worker = 0;
  while (worker == 0) worker = std::atoi(child_of(running.process()).c_str());
  kill(worker, SIGKILL);
  usleep(20'000);
  running.signal_program(SIGINT);
  const int code = running.wait();
  EXPECT_FALSE(running.anyone_left());
  expect_tidy(folder.path());
  // It may have answered before.
  const std::string printed = shell(folder.path(), "cat printed").text;
  const bool reported = printed.find("was ended before its answer") != std::string::npos;
  EXPECT_EQ(code, reported ? 70 : 130) << printed;
}

#ifdef BLACKOUT_PLANTED_BUGS
TEST(PlantedBugs, ACrashEndsInAVerdictWithSeedAndReplay) {
  const Folder folder;
  const Printed run =
      shell(folder.path(), "blackout run files/small.json --seed 7 --set 'planted=[\"crash\"]'");
  EXPECT_EQ(run.code, 1);
  for (const char* part : {"CRASHED  small   seed 0x0000000000000007", "(signal)",
                           "  replay  blackout replay blackout-out/small/0x0000000000000007-"}) {
    EXPECT_NE(run.text.find(part), std::string::npos) << run.text;
  }
  const Printed again = shell(folder.path(), "blackout replay latest");
  EXPECT_EQ(again.code, 0) << again.text;
  EXPECT_TRUE(again.text.starts_with("SAME")) << again.text;
}

TEST(PlantedBugs, ExpectedOnesPassAndMissedOnesFail) {
  const Folder folder;
  const std::string run = "blackout run scenarios/planted-acknowledge-leader.json --seed 1 ";
  const Printed found = shell(folder.path(), run);
  EXPECT_EQ(found.code, 0) << found.text;
  EXPECT_TRUE(found.text.starts_with("EXPECTED")) << found.text;
  const Printed missed = shell(folder.path(), run + "--set groups.0.acknowledge=quorum");
  EXPECT_EQ(missed.code, 1) << missed.text;
  EXPECT_TRUE(missed.text.starts_with("MISSED")) << missed.text;
}

TEST(PlantedBugs, AcknowledgingTooEarlyLosesWritesAndTheSentenceSaysSo) {
  const Folder folder;
  const Printed run = shell(folder.path(),
                            "blackout run scenarios/region-loss-during-writes.json"
                            " --set groups.0.acknowledge=leader");
  EXPECT_EQ(run.code, 1);
  EXPECT_NE(run.text.find("acknowledged writes are gone."), std::string::npos) << run.text;
}
#endif

}  // namespace
}  // namespace blackout

#include "harness/cli/app.hpp"

int main(int argc, char** argv) { return blackout::cli::main_of(argc, argv); }

// The header of the library under test, as C++ can include it: it has no guard for that itself.
#pragma once

#include <cstdarg>
#include <cstddef>
#include <cstdio>

extern "C" {
#include <raft.h>
}

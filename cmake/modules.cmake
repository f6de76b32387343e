# The architecture, enforced: every sub-folder is a target, a namespace, and a row of the module list.
#
#   blackout_module(models/network USES host/base host/env ... [LINKS Boost::context ...] [PACKAGE raft libraft-dev])
#
# makes the library blackout_network from every source in models/network (a file in the folder belongs to
# it; there is nothing to register and nothing to forget). It refuses a module that was declared before
# what it uses, which makes a cycle impossible to write, and an edge that the table below does not allow.

# Rows: folder, then what it may use (a folder stands for all modules in it).
set(BLACKOUT_EDGES
  "host/base "
  "host/env host/base"
  "host/fiber host/base"
  "platform/raft host/base platform/raft"
  "platform/ledger host/base platform/ledger"
  "platform/placement host/base platform/placement"
  "platform/audit host/base platform/audit"
  "platform host/base host/env platform"
  "sim host/base host/fiber sim"
  "models host/base host/env host/fiber sim models"
  "reports host/base sim/trace reports"
  "harness/check host/base sim/trace reports/record harness/check"
  "harness host platform sim models reports harness")

set(BLACKOUT_WHOLE_PROGRAM $<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>)
set(BLACKOUT_MODULE_OPTIONS $<${BLACKOUT_WHOLE_PROGRAM}:-flto -ffat-lto-objects>)
# What a test itself computes is little; what it calls is optimised.
set(BLACKOUT_TEST_OPTIONS -O1)

# Reading these took two fifths of the time of a source. Each still includes what it uses: clang-tidy reads them
# without.
set(BLACKOUT_STANDARD_HEADERS <algorithm> <array> <bit> <charconv> <cstdint> <cstring> <deque> <functional> <limits>
  <map> <memory> <optional> <set> <span> <string> <string_view> <utility> <variant> <vector>)
file(CONFIGURE OUTPUT standard_headers.cpp CONTENT "\n")
add_library(blackout_standard_headers OBJECT ${PROJECT_BINARY_DIR}/standard_headers.cpp)
target_link_libraries(blackout_standard_headers PRIVATE blackout_options)
target_compile_options(blackout_standard_headers PRIVATE ${BLACKOUT_MODULE_OPTIONS})
target_precompile_headers(blackout_standard_headers PRIVATE ${BLACKOUT_STANDARD_HEADERS})

function(blackout_check_edge module used)
  foreach(row IN LISTS BLACKOUT_EDGES)
    separate_arguments(row)
    list(POP_FRONT row folder)
    if(module STREQUAL folder OR module MATCHES "^${folder}/")
      foreach(allowed IN LISTS row)
        if(used STREQUAL allowed OR used MATCHES "^${allowed}/")
          return()
        endif()
      endforeach()
      message(FATAL_ERROR "${module} may not use ${used}: it may use ${row}")
    endif()
  endforeach()
  message(FATAL_ERROR "${module} stands in no room of BLACKOUT_EDGES")
endfunction()

function(blackout_module module)
  cmake_parse_arguments(ARG "" "" "USES;LINKS;PACKAGE" ${ARGN})
  if(ARG_PACKAGE)
    blackout_find_library(${module} ${ARG_PACKAGE} found)
    if(NOT found)
      return()
    endif()
  endif()
  get_filename_component(name ${module} NAME)
  set(target blackout_${name})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${module}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")  # an executable's; tests have their own
  if(sources)
    add_library(${target} STATIC ${sources})
    target_compile_options(${target} PRIVATE ${BLACKOUT_MODULE_OPTIONS})
    target_precompile_headers(${target} REUSE_FROM blackout_standard_headers)
    # Where an archive stands twice on a command line, ld 2.40 takes members that hold both forms twice.
    add_custom_command(TARGET ${target} POST_BUILD COMMAND_EXPAND_LISTS VERBATIM
      COMMAND "$<${BLACKOUT_WHOLE_PROGRAM}:${CMAKE_OBJCOPY};-w;-R;.gnu.lto_*;$<TARGET_FILE:${target}>>")
    set_property(GLOBAL APPEND PROPERTY BLACKOUT_OBJECTS $<TARGET_OBJECTS:${target}>)
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${target} ${scope} ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} ${scope} blackout_options)
  get_property(absent GLOBAL PROPERTY BLACKOUT_ABSENT_MODULES)
  foreach(used IN LISTS ARG_USES)
    blackout_check_edge(${module} ${used})
    if(used IN_LIST absent)
      continue()
    endif()
    get_filename_component(used_name ${used} NAME)
    if(NOT TARGET blackout_${used_name})
      message(FATAL_ERROR "${module} uses ${used}, which is declared after it")
    endif()
    target_link_libraries(${target} ${scope} blackout_${used_name})
  endforeach()
  target_link_libraries(${target} ${scope} ${ARG_LINKS})
  set_property(GLOBAL APPEND PROPERTY BLACKOUT_MODULES ${module})
  set_property(GLOBAL APPEND PROPERTY BLACKOUT_LINKS ${ARG_LINKS})
endfunction()

# A system under test whose library pkg-config does not find is left out, also where it is used; scenarios
# in the folder of its name are its own. The registry is told of those that are there.
function(blackout_find_library module library package found)
  get_filename_component(name ${module} NAME)
  pkg_check_modules(${library} QUIET IMPORTED_TARGET ${library})
  set(${found} ${${library}_FOUND} PARENT_SCOPE)
  if(NOT ${library}_FOUND)
    message(STATUS "Without the system under test ${name}: apt-get install ${package}")
    set_property(GLOBAL APPEND PROPERTY BLACKOUT_ABSENT_MODULES ${module})
    return()
  endif()
  string(TOUPPER ${name} word)
  set_property(SOURCE ${PROJECT_SOURCE_DIR}/harness/system/registry/registry.cpp
    APPEND PROPERTY COMPILE_DEFINITIONS BLACKOUT_HAS_${word})
endfunction()

# The tests of a folder: the sources of tests/models/network, if there are any, become the executable
# test_models_network, each test case a CTest of its own.
function(blackout_test folder)
  cmake_parse_arguments(ARG "" "" "USES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${folder}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/shared_library\\.cpp$")  # loaded by a test
  if(NOT sources)
    return()
  endif()
  string(REPLACE "/" "_" name ${folder})
  set(target test_${name})
  add_executable(${target} ${sources})
  foreach(used IN LISTS ARG_USES)
    get_filename_component(used_name ${used} NAME)
    target_link_libraries(${target} PRIVATE blackout_${used_name})
  endforeach()
  target_link_libraries(${target} PRIVATE GTest::gtest GTest::gtest_main)
  target_compile_options(${target} PRIVATE ${BLACKOUT_TEST_OPTIONS})
  if(ARG_USES)
    target_precompile_headers(${target} REUSE_FROM blackout_gtest)
  endif()
  target_compile_definitions(${target} PRIVATE BLACKOUT_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  gtest_discover_tests(${target} TEST_PREFIX "${folder}: " DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
endfunction()

# cmake -DCOMPILER=… -DCASE=x.cpp -DINCLUDES=… -DIMPLICIT=… -P check.cmake: compiles a case and checks what comes out.
file(STRINGS ${CASE} expectation REGEX "^// EXPECT: ")
file(STRINGS ${CASE} limit REGEX "^// LINES: ")
string(REGEX REPLACE "^// EXPECT: " "" expectation "${expectation}")
string(REPLACE "\\;" ";" expectation "${expectation}")  # as file(STRINGS) writes a semicolon
string(REGEX REPLACE "^// LINES: " "" limit "${limit}")

set(flags)
list(REMOVE_DUPLICATES INCLUDES)
list(REMOVE_ITEM INCLUDES ${IMPLICIT})  # naming these again would change the order that standard headers rely on
foreach(include IN LISTS INCLUDES)
    list(APPEND flags -isystem ${include})
endforeach()
get_filename_component(folder ${CASE} DIRECTORY)
# System headers are quiet about warnings, as an installed Tandem is; their errors still show.
execute_process(COMMAND ${COMPILER} -std=c++20 -fsyntax-only -fdiagnostics-color=never ${flags} -I${folder} ${CASE}
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)

if(expectation STREQUAL "")
    if(NOT result EQUAL 0)
        message(FATAL_ERROR "the control must compile, but:\n${output}")
    endif()
    return()
endif()
if(result EQUAL 0)
    message(FATAL_ERROR "it compiles, although it must not")
endif()
string(FIND "${output}" "${expectation}" place)
if(place EQUAL -1)
    message(FATAL_ERROR "the sentence\n  ${expectation}\nis not in the output:\n${output}")
endif()
if(NOT limit STREQUAL "")
    string(REGEX MATCHALL "\n" lines "${output}")
    list(LENGTH lines length)
    if(length GREATER limit)
        message(FATAL_ERROR "the output has ${length} lines, more than ${limit}:\n${output}")
    endif()
endif()

# Installs the libraries, their headers, and a package for find_package(tandem [COMPONENTS orm framework]). The browser client is inside the framework's
# library, so that users of an installed package need no Node.js.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/tandem)
set(targets tandem_orm)
install(DIRECTORY orm/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(TANDEM_BUILD_FRAMEWORK)
    list(APPEND targets tandem_framework)
    install(DIRECTORY framework/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
    install(FILES framework/cmake/TandemApp.cmake framework/cmake/TandemEmbed.cmake DESTINATION ${package})
endif()
install(FILES orm/cmake/FindRE2.cmake DESTINATION ${package})
install(TARGETS ${targets} EXPORT tandem ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT tandem NAMESPACE tandem:: FILE tandemTargets.cmake DESTINATION ${package})

configure_package_config_file(framework/cmake/tandemConfig.cmake.in ${PROJECT_BINARY_DIR}/tandemConfig.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tandemConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/tandemConfig.cmake ${PROJECT_BINARY_DIR}/tandemConfigVersion.cmake DESTINATION ${package})

"""The engines that are measured, a module for each kind. A peer is imported only where it is measured."""

// Root device hints: the language in which a node says which of its disks shall hold the operating system.

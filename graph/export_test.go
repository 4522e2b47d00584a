package graph

// Eager makes a graph that is opened with the options store checkpoints as soon
// as anything is dead, so that small records have many.
func Eager(o *Options) { o.eager = true }

// Moves limits what a batch may move in a graph that is opened with the options.
func Moves(o *Options, most int) { o.most = most }

// Often has a graph that is opened with the options write a snapshot after every
// record.
func Often(o *Options) { o.often = true }

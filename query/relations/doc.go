// Package relations shows who is related to whom in a view as a graph that the
// algorithms of gonum.org/v1/gonum/graph run on: centrality, communities,
// shortest paths, components.
//
//	r, err := relations.New(ctx, g.View(nil), graph.Pattern{Predicate: "meet"}, nil)
//	between := network.Betweenness(r.Undirected(relations.Hops)) // gonum's graph/network
//	for node, score := range between { fmt.Println(r.Entity(node), score) }
//
// A [Graph] is made once of a view and a pattern and never changes, as the view
// does not. [Graph.Undirected] and [Graph.Directed] are two ways to read it, by a
// [Weight]; making them costs nothing. Statements, of either, is the evidence of an
// edge. A statement that is redacted after the graph was made is still counted, but
// it cannot be read: graph.Statement.Load gives graph.ErrRedacted.
//
// # Nodes and edges
//
// The statements are those that the pattern names, with Options.Predicates those of
// these predicates only, and whose origin affirms the claim; with Options.AnyStance,
// whatever the origin says of it. The nodes are the entities among their arguments,
// each cluster once, in canonical form; an entity without an edge is a node, too.
// Nodes are numbered from 0 in the order of these ids, so that the same view and
// pattern give the same numbers in every run, and everything is gone through in the
// order of the numbers.
//
// There is an edge between two entities if they fill two arguments of one
// statement. An entity has no edge to itself. Nested claims, conditions,
// occurrences and voices make no edges.
//
// A directed graph has an edge from an argument to each one after it, and both
// ways between two arguments of the same role and where the view's declaration of
// the predicate says that it is symmetric. So lends(Ann, Bob) leads from Ann to
// Bob; and if Bob and Cid fill one role there, from Ann to each of them and both
// ways between these. With Options.From or Options.To, neither the order nor the
// declaration matters: an edge leads from an argument of role From to one of role
// To, where an empty one of the two is any role; and without it there is no edge,
// not in an undirected graph either.
//
// # Weights
//
// [Statements] is how many statements make the edge: each once, however many
// arguments of it do; in an undirected graph, those of both directions. [Speakers]
// is how many different entities speak in their first voices, so that what forty
// papers report of one speaker weighs 1; which sources derive from which is not
// asked, as query.Support does. [Hops] is 1 for every edge. The first two
// are strengths. gonum's centralities and communities want strengths, but its
// paths want lengths: they take an edge of many statements for a long way. Use
// Hops for paths.
//
// # What gonum's algorithms cost
//
// They take no context and cannot be stopped, so look at [Graph.Order] and
// [Graph.Size] first. With V nodes and E edges, as of gonum v0.17:
//
//	topo.ConnectedComponents, topo.TarjanSCC        V + E
//	path.DijkstraFrom, path.BellmanFordFrom         E log V; V E
//	network.PageRankSparse, network.HITS            V + E a round
//	network.PageRank                                V² a round, and 8 V² bytes
//	community.Modularize                            about E log V, in practice
//	network.Betweenness                             V E
//	path.DijkstraAllPaths, and all that need it:
//	Closeness, Harmonic, BetweennessWeighted        V E + V² log V, and over 32 V² bytes
//	topo.BronKerbosch, community.KCliqueCommunities exponential
//
// So what is squared is out of reach from some ten thousand nodes on, and
// PageRankSparse is the PageRank to use; go test -bench=Algorithms measures some of
// them against [New]. The limits of [Options] are there for what a program asks
// without knowing how large the answer is; lower them to what the algorithm can
// bear.
package relations

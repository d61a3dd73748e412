-- A figure's division may carry a computed `fig-alt`; Quarto passes it on in the PDF alone. It belongs to the image.
function Div(div)
  local alt = div.attributes["fig-alt"]
  if not (quarto and quarto.version and alt and div.identifier:match("^fig%-")) then
    return nil -- the built-in renderer does this itself
  end
  div.attributes["fig-alt"] = nil
  return div:walk({
    Image = function(image)
      image.attributes["fig-alt"] = image.attributes["fig-alt"] or alt
      return image
    end,
  })
end
